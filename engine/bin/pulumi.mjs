#!/usr/bin/env node
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import * as module from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

// The engine is TypeScript that Node runs as it is. An older Node hands over to the one that npm installed.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  const self = fileURLToPath(import.meta.url);
  let folder = dirname(self);
  while (!existsSync(join(folder, "node_modules/node/bin/node")) && folder !== dirname(folder))
    folder = dirname(folder);
  const node = join(folder, "node_modules/node/bin/node");
  if (!existsSync(node)) {
    console.error(
      `error: the embedded engine needs Node 22.18 or newer, this is ${process.version}; run npm install`,
    );
    process.exit(1);
  }
  const { status, signal } = spawnSync(node, [self, ...process.argv.slice(2)], { stdio: "inherit" });
  process.exit(signal ? 1 : (status ?? 1));
}
// Compiled code is kept beside Pulumi's own files, for the engine and the programs that it starts: a third less to do.
const home = process.env.PULUMI_HOME || join(homedir(), ".pulumi");
process.env.NODE_COMPILE_CACHE ??= join(home, "compile-cache");
module.enableCompileCache(process.env.NODE_COMPILE_CACHE);
await import("../src/start.ts");
