// Offers this machine's image registry to a server: keeps an SSH session to `fairlead registry offer` open, which listens on
// the server's loopback, and carries its connections to the registry here, until a process has ended. Plain JavaScript,
// because it outlives the program that starts it and needs nothing of it.
//
// Standard input: one line of JSON, {ssh: [argument], command, hello, registry: {host, port}, parent}.
// Standard output: one line of JSON, {state, …}: open, refused, absent (no tools yet), unreachable.
import { spawn } from "node:child_process";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { alive, ended } from "./session.mjs";

/** Milliseconds: for an answer, between two looks at the parent. */
const [ANSWER, LOOK] = [60_000, 200];
/** Bytes of a frame's head: the number of a connection, and the length of what follows. */
const HEAD = 8;

const line = await new Promise((done) => createInterface({ input: process.stdin }).once("line", done));
const { ssh, command, hello, registry, parent } = JSON.parse(line);
const session = spawn("ssh", [...ssh, command], { stdio: ["pipe", "pipe", "pipe"] });
const connections = new Map();
let said = "";
let answered = false;
let rest = Buffer.alloc(0);

session.stderr.on("data", (chunk) => (said += chunk));
session.stdin.on("error", () => undefined);
session.stdin.on("drain", () => connections.forEach((socket) => socket.resume()));
session.on("error", (error) => answer({ state: "unreachable", words: error.message }));
session.on("close", (code) => {
  answer(ended(code ?? 255, said, "registry offer"));
  process.exit(0);
});
session.stdout.on("data", (chunk) => {
  rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
  if (!answered) readAnswer();
  if (answered) readFrames();
});
session.stdin.write(`${JSON.stringify(hello)}\n`);

const timer = setTimeout(() => {
  answer({ state: "unreachable", words: `no answer within ${ANSWER / 1000} s` });
  session.kill();
}, ANSWER);
setInterval(() => {
  if (!alive(parent)) session.stdin.end();
}, LOOK);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => session.stdin.end());
// Whoever started this one reads one line and goes.
process.stdout.on("error", () => undefined);

function readAnswer() {
  const end = rest.indexOf("\n");
  if (end < 0) return;
  const text = rest.subarray(0, end).toString();
  rest = rest.subarray(end + 1);
  try {
    answer(JSON.parse(text));
  } catch {
    answer({ state: "refused", words: text });
  }
}

function readFrames() {
  while (rest.length >= HEAD) {
    const [number, length] = [rest.readUInt32BE(0), rest.readUInt32BE(4)];
    if (rest.length < HEAD + length) return;
    const data = rest.subarray(HEAD, HEAD + length);
    rest = rest.subarray(HEAD + length);
    const socket = connections.get(number) ?? opened(number);
    if (length > 0) socket.write(data);
    else socket.end();
  }
}

/** A connection to the registry for one that the server has accepted. */
function opened(number) {
  const socket = connect({ host: registry.host, port: registry.port, allowHalfOpen: true });
  connections.set(number, socket);
  socket.on("data", (data) => {
    if (!say(number, data)) socket.pause();
  });
  socket.on("error", () => undefined);
  socket.on("close", () => {
    connections.delete(number);
    say(number, Buffer.alloc(0));
  });
  socket.on("end", () => socket.end());
  return socket;
}

/** @returns whether there is room for more */
function say(number, data) {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(number, 0);
  head.writeUInt32BE(data.length, 4);
  return session.stdin.write(Buffer.concat([head, data]));
}

function answer(result) {
  if (answered) return;
  answered = true;
  clearTimeout(timer);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
