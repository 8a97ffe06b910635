// Pulumi's SDK loads TypeScript and npm's arborist at its start, for programs that have functions serialised (dynamic
// providers, code paths of AWS Lambda). Here they are loaded once such a program uses them, which halves the time of
// the program's load and saves a third of its memory (decision 0011). Plain JavaScript: what reads TypeScript comes
// after it.
"use strict";
const Module = require("node:module");
const { join } = require("node:path");

const project = Module.createRequire(join(__dirname, "..", "index.ts"));
const sdk = Module.createRequire(project.resolve("@pulumi/pulumi/package.json"));
for (const name of ["./typescript-shim", "@npmcli/arborist"]) postpone(name);

/** Puts a stand-in into Node's cache of modules, which loads the real one when it is asked for anything. */
function postpone(name) {
  const file = find(name);
  if (!file) return;
  const standIn = new Module(file);
  const real = () => {
    if (require.cache[file] === standIn) delete require.cache[file];
    return require(file);
  };
  standIn.filename = file;
  standIn.loaded = true;
  // An import of everything (`import * as`) asks for `__esModule` at once, and copies what says no.
  standIn.exports = new Proxy({}, { get: (_, key) => key === "__esModule" || real()[key] });
  require.cache[file] = standIn;
}

/** A version of the SDK without it has nothing to postpone. */
function find(name) {
  try {
    return sdk.resolve(name);
  } catch {
    return undefined;
  }
}
