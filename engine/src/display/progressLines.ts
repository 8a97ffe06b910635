import type { EngineEvent, Step } from "../events/bus.ts";
import { isDefaultProvider } from "../state/types.ts";
import { isStack, label, ops } from "./opText.ts";

/** Prints the steps as lines, each when it begins and when it ends. For logs and pipes. */
export function progressLines(print: (line: string) => void, preview: boolean): (event: EngineEvent) => void {
  const started = new Map<string, number>();
  const line = (step: Step, words: string, detail = ""): void => {
    print(` ${ops[step.op].sign.padEnd(2)} ${label(step.urn)} ${words} ${detail}`.trimEnd());
  };
  return (event) => {
    if (event.kind === "diag") {
      if (event.severity === "debug" || (event.ephemeral && preview)) return;
      const prefix = event.severity === "info" ? "" : `${event.severity}: `;
      for (const text of event.message.trimEnd().split("\n")) {
        print(`    ${event.urn ? `${label(event.urn)} ` : ""} ${prefix}${text}`);
      }
      return;
    }
    if (event.kind !== "pre" && event.kind !== "outputs" && event.kind !== "failed") return;
    const { step } = event;
    if (isDefaultProvider(step.urn) || (step.op === "same" && !isStack(step.urn))) return;
    const { planned, doing, done } = ops[step.op];
    const key = `${step.urn} ${step.op}`;
    if (event.kind === "pre") {
      started.set(key, performance.now());
      if (!preview && step.op !== "same") line(step, `${doing} (0s)`, changedProperties(step));
      return;
    }
    const seconds = ((performance.now() - (started.get(key) ?? performance.now())) / 1000).toFixed(2);
    if (event.kind === "failed") line(step, `${doing} failed (${seconds}s)`);
    else if (step.op === "refresh")
      line({ ...step, op: event.result ?? "same" }, ops[event.result ?? "same"].done);
    else if (step.op !== "same")
      line(step, preview ? planned : `${done} (${seconds}s)`, changedProperties(step));
  };
}

/** `[diff: ~labels,+envs]` */
export function changedProperties(step: Step): string {
  const paths = Object.entries(step.detailedDiff ?? {});
  const signs = new Map<string, string>();
  for (const [path, { kind }] of paths) {
    const key = /^[^.[]*/.exec(path)?.[0] ?? path;
    const sign = kind.startsWith("add") ? "+" : kind.startsWith("delete") ? "-" : "~";
    signs.set(key, path === key ? sign : "~");
  }
  for (const key of step.diffs ?? step.keys ?? []) if (!signs.has(key)) signs.set(key, "~");
  return signs.size === 0 ? "" : `[diff: ${[...signs].map(([key, sign]) => sign + key).join(",")}]`;
}
