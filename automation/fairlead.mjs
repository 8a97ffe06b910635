#!/usr/bin/env node
// `npx fairlead VERB`, from the project's folder: what `npm run VERB` does, with options that need no `--` before them.
process.argv.splice(2, 0, "automation/cli.ts");
await import("./bootstrap.mjs");
