// Bundles the backend with all its packages into one file, so that an image needs Node and nothing else.
import { build } from "esbuild";

await build({
  entryPoints: ["src/main.ts"],
  outfile: "dist/server.mjs",
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  // Native accelerators and a Workers-only module: optional, absent on purpose.
  external: ["pg-native", "bufferutil", "utf-8-validate", "cloudflare:sockets"],
  // Bundled CommonJS packages still ask for Node's own modules through require().
  banner: {
    js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
  },
  absWorkingDir: import.meta.dirname,
  logLevel: "warning",
});
