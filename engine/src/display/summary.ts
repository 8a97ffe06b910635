import type { EngineEvent } from "../events/bus.ts";
import type { Props, Value } from "../providers/contract.ts";
import { nameOf, typeOf } from "../state/types.ts";
import { equal } from "../values/value.ts";
import { rows, show } from "./values.ts";
import { isStack, shortType, summaryLines } from "./opText.ts";

/** Prints the report at the end: diagnostics by resource, outputs, summary, duration. */
export function summaryReport(
  print: (line: string) => void,
  options: { preview: boolean; revealOutputs: boolean; destroy: boolean },
): (event: EngineEvent) => void {
  const diagnostics = new Map<string, string[]>();
  let outputs: { old: Props; new: Props } | undefined;
  let stack = "";
  return (event) => {
    if (event.kind === "pre" && isStack(event.step.urn)) stack = event.step.urn;
    if (event.kind === "diag" && event.severity !== "debug" && !event.ephemeral) {
      const prefix = event.severity === "info" ? "" : `${event.severity}: `;
      const lines = diagnostics.get(event.urn ?? "") ?? [];
      lines.push(...`${prefix}${event.message}`.trimEnd().split("\n"));
      diagnostics.set(event.urn ?? "", lines);
    }
    if (event.kind === "outputs" && isStack(event.step.urn) && event.step.new) {
      outputs = { old: event.step.old?.outputs ?? {}, new: event.step.new.outputs };
    }
    if (event.kind !== "summary") return;
    if (diagnostics.size > 0) print("Diagnostics:");
    for (const [urn, lines] of diagnostics) {
      const owner = urn || stack;
      print(owner ? `  ${shortType(typeOf(owner))} (${nameOf(owner)}):` : "  engine:");
      for (const line of lines) print(`    ${line}`);
      print("");
    }
    if (outputs && Object.keys(outputs.new).length > 0 && !options.destroy) {
      print("Outputs:");
      for (const line of outputLines(outputs.old, outputs.new, options.revealOutputs)) print(line);
      print("");
    }
    print("Resources:");
    const summary = summaryLines(event.changes, event.preview);
    for (const line of summary.length > 0 ? summary : ["no changes"]) print(`    ${line}`);
    if (!event.preview) print(`\nDuration: ${duration(event.seconds)}`);
  };
}

function outputLines(old: Props, news: Props, reveal: boolean): string[] {
  const changed = (key: string): Value | undefined =>
    key in old && !equal(old[key], news[key]) ? old[key] : undefined;
  if (Object.keys(old).length === 0 || Object.keys(news).every((key) => changed(key) === undefined)) {
    return rows(news, 4, reveal);
  }
  const width = Math.max(...Object.keys(news).map((key) => key.length));
  return Object.keys(news)
    .sort()
    .map((key) => {
      const before = changed(key);
      const sign = before !== undefined ? "~" : key in old ? " " : "+";
      const from = before === undefined ? "" : `${show(before, 4, reveal)} => `;
      return `  ${sign} ${key.padEnd(width)}: ${from}${show(news[key], 4, reveal)}`;
    });
}

/** `1h2m3s` */
export function duration(seconds: number): string {
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60), seconds % 60];
  return `${h ? `${h}h` : ""}${h || m ? `${m}m` : ""}${s}s`;
}
