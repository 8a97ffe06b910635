import type { EngineEvent, Step } from "../events/bus.ts";
import { isDefaultProvider, type ResourceState } from "../state/types.ts";
import type { Props, Value } from "../providers/contract.ts";
import { Secret } from "../providers/contract.ts";
import { formatPath, parsePath, type Path } from "../values/path.ts";
import { equal, isObject } from "../values/value.ts";
import { rows, show } from "./values.ts";
import { ops } from "./opText.ts";

/** Prints each step with its properties (`--diff`). */
export function diffLines(print: (line: string) => void): (event: EngineEvent) => void {
  return (event) => {
    if (event.kind !== "pre" && !(event.kind === "outputs" && event.step.op === "refresh")) return;
    const op = event.kind === "outputs" ? (event.result ?? "same") : event.step.op;
    if (isDefaultProvider(event.step.urn) || !event.step.logical || op === "same" || op === "refresh") return;
    for (const line of describe({ ...event.step, op })) print(line);
  };
}

/** A step as text: what it is, and how its properties change. */
export function describe(step: Step): string[] {
  const state = step.new ?? step.old;
  const { sign, planned } = ops[step.op];
  const lines = [`${sign.trim() || " "} ${state?.type ?? ""}: (${planned})`];
  if (step.old?.id) lines.push(`    [id=${step.old.id}]`);
  lines.push(`    [urn=${step.urn}]`);
  if (step.new && step.op === "create") lines.push(...rows(step.new.inputs, 4));
  else if (step.old && step.new) lines.push(...changes(step.old, step.new, step));
  return lines;
}

function changes(old: ResourceState, next: ResourceState, step: Step): string[] {
  const paths = Object.entries(step.detailedDiff ?? {});
  if (paths.length === 0) return inputChanges(old.inputs, next.inputs);
  return paths.map(([text, { kind, inputDiff }]) => {
    const path = parsePath(text);
    const before = at(inputDiff ? old.inputs : hasPath(old.outputs, path) ? old.outputs : old.inputs, path);
    const after = at(next.inputs, path) ?? at(next.outputs, path);
    const sign = kind.startsWith("add") ? "+" : kind.startsWith("delete") ? "-" : "~";
    const note = kind.endsWith("-replace") ? " (forces replacement)" : "";
    const name = formatPath(path);
    if (sign === "+") return `  + ${name}: ${show(after, 4)}${note}`;
    if (sign === "-") return `  - ${name}: ${show(before, 4)}${note}`;
    return `  ~ ${name}: ${show(before, 4)} => ${show(after, 4)}${note}`;
  });
}

function inputChanges(old: Props, next: Props): string[] {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])].sort();
  return keys
    .filter((key) => !key.startsWith("__") && !equal(old[key], next[key]))
    .map((key) => {
      if (!(key in old)) return `  + ${key}: ${show(next[key], 4)}`;
      if (!(key in next)) return `  - ${key}: ${show(old[key], 4)}`;
      return `  ~ ${key}: ${show(old[key], 4)} => ${show(next[key], 4)}`;
    });
}

/** The value at a path; inside a secret everything is secret. */
function at(value: Value | undefined, path: Path): Value | undefined {
  const [head, ...rest] = path;
  if (head === undefined || value === undefined) return value;
  if (value instanceof Secret) {
    const inner = at(value.value, path);
    return inner === undefined ? undefined : new Secret(inner);
  }
  if (Array.isArray(value)) return typeof head === "number" ? at(value[head], rest) : undefined;
  return isObject(value) ? at(value[String(head)], rest) : undefined;
}

const hasPath = (value: Value, path: Path): boolean => at(value, path) !== undefined;
