import type { Bus } from "../events/bus.ts";
import { diffLines } from "./diffLines.ts";
import { summaryReport } from "./summary.ts";
import { progressLines } from "./progressLines.ts";
import { liveTree } from "./liveTree.ts";

interface Reporting {
  kind: "update" | "refresh" | "destroy";
  preview: boolean;
  diff: boolean;
  live: boolean;
  showSecrets: boolean;
  stack: string;
}

const titles = {
  update: ["Updating", "Previewing update"],
  refresh: ["Refreshing", "Previewing refresh"],
  destroy: ["Destroying", "Previewing destroy"],
} as const;

/** Shows a run to people: a live tree at a terminal, lines elsewhere, properties with `--diff`; then the report. */
export function reporters(bus: Bus, print: (line: string) => void, options: Reporting): void {
  const { kind, preview, stack } = options;
  print(`${titles[kind][preview ? 1 : 0]} (${stack}):`);
  if (options.diff) bus.listen(diffLines(print));
  else if (options.live) bus.listen(liveTree(process.stdout, preview));
  else bus.listen(progressLines(print, preview));
  bus.listen(
    summaryReport(print, { preview, revealOutputs: options.showSecrets, destroy: kind === "destroy" }),
  );
}
