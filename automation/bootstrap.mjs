#!/usr/bin/env node
// Runs a TypeScript file of this project on a machine that has Node 20 and npm and nothing else:
//   node automation/bootstrap.mjs automation/cli.ts up
// Installs the pinned packages when they are missing or older than the lock file; one of them is the Node that
// everything else runs on. Plain JavaScript without packages, because there are none yet.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, lstatSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const modules = join(root, "node_modules");
const stamp = join(modules, ".fairlead-lock");
const [script, ...args] = process.argv.slice(2);
/** How long npm may take, minutes: it gives up by itself on what doesn't answer, after trying for a while. */
const MINUTES = 30;

if (!script) fail("usage: node automation/bootstrap.mjs SCRIPT.ts [ARGUMENT …]");
if (Number(process.versions.node.split(".")[0]) < 20) {
  fail(
    `Node ${process.versions.node} is too old. Install Node 20 or newer (Debian: apt-get install nodejs npm).`,
  );
}

const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) await install();

const node = join(modules, ".bin", "node");
const loaders = ["postpone.cjs", "typescript.cjs"].flatMap((name) => [
  "--require",
  join(root, "automation", name),
]);
const child = spawn(node, [...loaders, join(root, script), ...args], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, ...plain(), PATH: `${join(modules, ".bin")}:${process.env.PATH}` },
});
// Ctrl-C from a terminal reaches the child anyway, `kill` only this process; the child counts both as one.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 130 : (code ?? 1)));

/** A pipe gets text without colours, also where `CI` is set, which some packages take for a terminal (https://no-color.org). */
function plain() {
  return process.stdout.isTTY || process.env.FORCE_COLOR ? {} : { NO_COLOR: "1" };
}

async function install() {
  // npm would empty the folder behind the link, which is another checkout's.
  if (lstatSync(modules, { throwIfNoEntry: false })?.isSymbolicLink())
    fail(
      "node_modules is a link and not what package-lock.json asks for. Run npm run setup once where it leads to.",
    );
  process.stderr.write("Installing the pinned npm packages (npm ci) …\n");
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const beat = setInterval(
    () => process.stderr.write(`still: installing the pinned npm packages (${seconds()} s)\n`),
    20_000,
  );
  const status = await new Promise((done) => {
    const options = { cwd: root, stdio: ["ignore", "ignore", "inherit"], timeout: MINUTES * 60_000 };
    const npm = spawn("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], options);
    npm.on("error", (error) =>
      fail(`npm can't be started: ${error.message}. Install it (Debian: apt-get install npm).`),
    );
    npm.on("exit", (code) => done(code));
  });
  clearInterval(beat);
  if (status === null && seconds() >= MINUTES * 60)
    fail(`npm ci did not end within ${MINUTES} minutes. Look whether its registry answers: npm ping`);
  if (status !== 0)
    fail(`npm ci failed with exit code ${status ?? "none: it was ended"}; its words are above.`);
  if (!existsSync(join(modules, ".bin", "node"))) {
    fail(
      "npm ci did not install Node: are install scripts switched off? Run `npm config delete ignore-scripts` and try again.",
    );
  }
  writeFileSync(stamp, lock);
}

function fail(text) {
  process.stderr.write(`${text}\n`);
  process.exit(1);
}
