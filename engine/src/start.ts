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

// What was asked for is done. A connection that something has left open must not keep whoever waits for this process.
setInterval(() => {
  if (process.stdout.writableLength === 0 && process.stderr.writableLength === 0) process.exit();
}, 1000).unref();
