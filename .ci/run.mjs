// npm run up, npm test, npm run down, in one clone; the last whatever became of the others. Ends with the line that
// `npm test` ends with, in which each of the other two commands that fails counts as one more failure.
import { spawn } from "node:child_process";

/** The one that runs, while one does. */
let running;
let interrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => {
    interrupted = true;
    running?.kill(signal);
  });

/** Runs a script of package.json, shows what it prints, and gives its exit code with its last lines. */
function npm(...args) {
  console.log(`\n$ npm ${args.join(" ")}`);
  return new Promise((done) => {
    running = spawn("npm", ["--silent", ...args], { stdio: ["ignore", "pipe", "inherit"] });
    let last = "";
    running.stdout.on("data", (part) => {
      process.stdout.write(part);
      last = `${last}${part}`.slice(-2000);
    });
    running.on("error", (error) => done({ code: 1, last: error.message }));
    running.on("close", (code) => done({ code: code ?? 1, last }));
  });
}

const failed = [];
const up = await npm("run", "up");
if (up.code !== 0) failed.push(`npm run up ended with ${up.code}`);
const tests = interrupted ? { code: 1, last: "" } : await npm("test");
const down = await npm("run", "down");
if (down.code !== 0) failed.push(`npm run down ended with ${down.code}`);

const [, passed = "0", red = "0", skipped = "0"] =
  /(\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(tests.last) ?? [];
// Without its line, or with one that its exit code doesn't fit, the tests themselves didn't work.
if (tests.code !== 0 && red === "0") failed.push(`npm test ended with ${tests.code}`);
if (interrupted) failed.push("interrupted");

console.log(`\n${failed.map((line) => `✖ ${line}\n`).join("")}`);
const total = Number(red) + failed.length;
console.log(`${passed} passed, ${total} failed, ${skipped} skipped`);
process.exit(total > 0 || passed === "0" ? 1 : 0);
