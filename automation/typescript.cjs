// Lets the program's Node read TypeScript, as ts-node does, but keeps what was translated: a run that finds every file
// translated loads neither ts-node nor TypeScript, which together cost half a second and 60 MB (decision 0011).
// Plain JavaScript, because there is nothing yet that could read anything else.
"use strict";
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { _extensions: extensions } = require("node:module");
const { dirname, join, relative } = require("node:path");

const root = dirname(__dirname);
const kept = join(root, "node_modules", ".cache", "fairlead");
/** What else a translation depends on. */
const settings = [
  "tsconfig.json",
  "node_modules/typescript/package.json",
  "node_modules/ts-node/package.json",
]
  .map((file) => readFileSync(join(root, file), "utf8"))
  .join();

// Only ts-node can say in which line of the TypeScript a mistake is; without stack traces nobody asks.
if (Error.stackTraceLimit > 0) tsNode().register(options());
else extensions[".ts"] = (module, file) => module._compile(translated(file), file);

let service;

function translated(file) {
  const source = readFileSync(file, "utf8");
  const mark = `\n//# ${createHash("sha256").update(settings).update(source).digest("hex")}\n`;
  const place = join(kept, `${encodeURIComponent(relative(root, file))}.js`);
  const before = read(place);
  if (before?.endsWith(mark)) return before;
  service ??= tsNode().create(options());
  const made = service.compile(source, file) + mark;
  keep(place, made);
  return made;
}

function read(place) {
  try {
    return readFileSync(place, "utf8");
  } catch {
    return undefined;
  }
}

/** In one step, because another run may read it meanwhile; a folder that can't be written to only costs time. */
function keep(place, text) {
  try {
    mkdirSync(kept, { recursive: true });
    writeFileSync(`${place}.${process.pid}`, text);
    renameSync(`${place}.${process.pid}`, place);
  } catch {
    // The next run translates again.
  }
}

function tsNode() {
  return require("ts-node");
}

function options() {
  return { transpileOnly: true, cwd: root };
}
