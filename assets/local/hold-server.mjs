// Holds a server's lock: keeps an SSH session to `fairlead hold` open until a process has ended, or this one is told to
// end (SIGTERM). Plain JavaScript, because it outlives the program that starts it and needs nothing of it.
//
// Standard input: one line of JSON, {ssh: [argument], command, hello, parent}: arguments of the `ssh` client up to the
// remote command, that command, what it is told, and the process whose end frees the lock.
// Standard output: one line of JSON, {state, …}: held, shared, busy, refused, absent (no tools yet), unreachable.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { alive, ended } from "./session.mjs";

/** Milliseconds: for an answer, between two signs of life, between two looks at the parent. */
const [ANSWER, SIGN, LOOK] = [60_000, 10_000, 200];

const line = await new Promise((done) => createInterface({ input: process.stdin }).once("line", done));
const { ssh, command, hello, parent } = JSON.parse(line);
const session = spawn("ssh", [...ssh, command], { stdio: ["pipe", "pipe", "pipe"] });
let said = "";
let answered = false;

session.stderr.on("data", (chunk) => (said += chunk));
session.stdin.on("error", () => undefined);
session.on("error", (error) => answer({ state: "unreachable", words: error.message }));
session.on("close", (code) => {
  answer(ended(code ?? 255, said, "hold"));
  process.exit(0);
});
createInterface({ input: session.stdout }).once("line", (text) => {
  try {
    answer(JSON.parse(text));
  } catch {
    answer({ state: "refused", words: text });
  }
});
session.stdin.write(`${JSON.stringify(hello)}\n`);

const timer = setTimeout(() => {
  answer({ state: "unreachable", words: `no answer within ${ANSWER / 1000} s` });
  session.kill();
}, ANSWER);
setInterval(() => session.stdin.write("\n"), SIGN);
setInterval(() => {
  if (!alive(parent)) session.stdin.end();
}, LOOK);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => session.stdin.end());
// Whoever started this one reads one line and goes.
process.stdout.on("error", () => undefined);

function answer(result) {
  if (answered) return;
  answered = true;
  clearTimeout(timer);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
