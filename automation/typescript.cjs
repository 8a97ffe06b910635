// Lets Node read TypeScript, as ts-node does, but keeps what was translated: a run that finds every file translated loads
// neither ts-node nor TypeScript, which together cost half a second and 60 MB (decision 0011).
// Plain JavaScript, because there is nothing yet that could read anything else.
"use strict";
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { _extensions: extensions } = require("node:module");
const { basename, dirname, join, relative } = require("node:path");

const root = dirname(__dirname);
const kept = join(root, "node_modules", ".cache", "fairlead");
/** What else a translation depends on. */
const settings = [
  "automation/typescript.cjs",
  "tsconfig.json",
  "node_modules/typescript/package.json",
  "node_modules/ts-node/package.json",
]
  .map((file) => readFileSync(join(root, file), "utf8"))
  .join();

// Where errors come with stack traces, these name lines of the TypeScript.
if (Error.stackTraceLimit > 0) process.setSourceMapsEnabled(true);
extensions[".ts"] = (module, file) => module._compile(translated(file), file);

let service;

function translated(file) {
  const source = readFileSync(file, "utf8");
  const mark = `\n//# ${createHash("sha256").update(settings).update(source).digest("hex")}\n`;
  const place = join(kept, `${encodeURIComponent(relative(root, file))}.js`);
  const before = read(place);
  if (before?.endsWith(mark)) return before;
  service ??= require("ts-node").create({ transpileOnly: true, cwd: root });
  const made = withSource(service.compile(source, file), file) + mark;
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

/** The translation with a source map that names its source without a folder: another checkout may share what is kept. */
function withSource(text, file) {
  return text.replace(
    /(?<=\n\/\/# sourceMappingURL=data:application\/json;charset=utf-8;base64,).*$/,
    (encoded) => {
      const map = {
        ...JSON.parse(Buffer.from(encoded, "base64")),
        file: basename(file),
        sources: [basename(file)],
      };
      return Buffer.from(JSON.stringify(map)).toString("base64");
    },
  );
}
