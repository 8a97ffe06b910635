import type { Bus } from "../events/bus.ts";
import { detailedLines } from "./diffLines.ts";
import { endReport } from "./summary.ts";
import { plainLines } from "./progressLines.ts";
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
  if (options.diff) bus.listen(detailedLines(print));
  else if (options.live) bus.listen(liveTree(process.stdout, preview));
  else bus.listen(plainLines(print, preview));
  bus.listen(endReport(print, { preview, revealOutputs: options.showSecrets, destroy: kind === "destroy" }));
}
