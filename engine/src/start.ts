import { main } from "./cli/main.ts";
import { handOver } from "./cli/handOver.ts";

const argv = process.argv.slice(2);
const status = await handOver(argv);
if (status === undefined) {
  // Loaded when a command needs them: most answer from files alone.
  process.exitCode = await main(argv, async () => {
    const { packages } = await import("./providers/index.ts");
    return Object.fromEntries(packages.map((p) => [p.name, p]));
  });
} else process.exitCode = status;

// The command has finished. A connection that is still open must not keep the process alive.
setInterval(() => {
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
}, 1000).unref();
