// Bundles the page's server into one file, and the page's style and script into files named by their content.
import { readdir, rm } from "node:fs/promises";
import { basename } from "node:path";
import { build } from "esbuild";

const common = { bundle: true, absWorkingDir: import.meta.dirname, logLevel: "warning" };
const assets = new URL("dist/assets/", import.meta.url);

const { metafile } = await build({
  ...common,
  entryPoints: ["web/app.ts", "web/style.css", "web/favicon.svg"],
  outdir: "dist/assets",
  entryNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  loader: { ".svg": "copy" },
  target: ["es2022", "chrome109", "firefox115", "safari16.4"],
  minify: true,
  metafile: true,
});
await build({
  ...common,
  entryPoints: ["src/main.ts"],
  outfile: "dist/server.mjs",
  platform: "node",
  target: "node20",
  format: "esm",
  // Bundled CommonJS packages still ask for Node's own modules through require().
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
});

// Files of an earlier build are removed last, so that dist/ is complete if it is copied meanwhile.
const current = new Set(Object.keys(metafile.outputs).map((path) => basename(path)));
for (const name of await readdir(assets)) if (!current.has(name)) await rm(new URL(name, assets));
