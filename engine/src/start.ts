import { main } from "./cli/main.ts";
import { handOver } from "./cli/handOver.ts";

const argv = process.argv.slice(2);
const status = await handOver(argv);
if (status === undefined) {
  const { packages } = await import("./providers/index.ts");
  process.exitCode = await main(argv, Object.fromEntries(packages.map((p) => [p.name, p])));
} else process.exitCode = status;
