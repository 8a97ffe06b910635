// npm run up, npm test, npm run down, in one clone; the last whatever became of the others. Ends with the line that
// `npm test` ends with, in which each of the other two commands that fails counts as one more failure.
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";

/** The one that runs, while one does. */
let running;
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => {
    interrupted = true;
    // All that it has started, too: a signal to npm alone ends neither mocha nor a box that comes up.
    if (running?.pid && running.exitCode === null) process.kill(-running.pid, signal);
  });

/** Runs a script of package.json, shows what it prints, and gives its exit code with its last lines. */
function npm(...args) {
  console.log(`\n$ npm ${args.join(" ")}`);
  return new Promise((done) => {
    running = spawn("npm", ["--silent", ...args], { stdio: ["ignore", "pipe", "inherit"], detached: true });
    let last = "";
    running.stdout.on("data", (part) => {
      process.stdout.write(part);
      last = `${last}${part}`.slice(-50_000);
    });
    running.on("error", (error) => done({ code: 1, last: error.message }));
    running.on("close", (code) => done({ code: code ?? 1, last }));
  });
}

const STACK = "Pulumi.staging.yaml";

/** The wanted port of the loopback, or any free one when it is taken. */
function port(wanted) {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once("error", (error) => (wanted === 0 ? fail(error) : done(port(0))));
    server.listen(wanted, "127.0.0.1", () => {
      const { port: found } = server.address();
      server.close(() => done(found));
    });
  });
}

/** What README says when a port of the box is taken, by a stack of this machine or a run that was killed. */
async function choosePorts(text) {
  let chosen = text;
  for (const [, name, wanted] of text.matchAll(/^ {8}(ssh|http|https): (\d+)$/gm)) {
    const found = await port(Number(wanted));
    if (found === Number(wanted)) continue;
    console.log(`Port ${wanted} of the box is taken: ${found} instead.`);
    chosen = chosen.replace(`        ${name}: ${wanted}\n`, `        ${name}: ${found}\n`);
    if (name === "https") chosen = chosen.replace(`localhost:${wanted}\n`, `localhost:${found}\n`);
  }
  return chosen;
}

const original = readFileSync(STACK, "utf8");
const chosen = await choosePorts(original);
if (chosen !== original) writeFileSync(STACK, chosen);

const failed = [];
const up = await npm("run", "up");
if (up.code !== 0) failed.push(`npm run up ended with ${up.code}`);
const tests = interrupted ? { code: 1, last: "" } : await npm("test");
const down = await npm("run", "down");
if (down.code !== 0) failed.push(`npm run down ended with ${down.code}`);

// What else the commands left in it belongs to the user, and stays to be seen.
if (readFileSync(STACK, "utf8") === chosen) writeFileSync(STACK, original);

const [, passed = "0", red = "0", skipped = "0"] =
  /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(tests.last) ?? [];
// Without its line, or with one that its exit code doesn't fit, the tests themselves didn't work.
if (tests.code !== 0 && red === "0") failed.push(`npm test ended with ${tests.code}`);
if (interrupted) failed.push("interrupted");

// Failures are repeated at the end, where they are found first.
const reasons = /(?:^── [a-z]+: failed$[^]*)(?=\n\d+ passed)/m.exec(tests.last)?.[0];
if (reasons) console.log(`\n${reasons}`);
console.log(`\n${failed.map((line) => `✖ ${line}\n`).join("")}`);
const total = Number(red) + failed.length;
console.log(`${passed} passed, ${total} failed, ${skipped} skipped`);
process.exit(total > 0 || passed === "0" ? 1 : 0);
