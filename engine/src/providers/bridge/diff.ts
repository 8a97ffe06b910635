import { UNKNOWN } from "../contract.ts";
import type { DiffKind, DiffResult, Props, Value } from "../contract.ts";
import type { Field, Fields } from "./fields.ts";
import { DEFAULTS, defaultsOf, identity, isProps, isZero, join } from "./values.ts";

type Kind = "add" | "delete" | "update";
type Report = (path: string, kind: Kind, replace: boolean) => void;

/** Whether a change of the field, or of anything in it, replaces. */
function anyReplaces(field: Field): boolean {
  return field.force === true || Object.values(field.of ?? {}).some(anyReplaces);
}

/** Elements of `a` at positions where `b` doesn't have them: common start and end are left out. */
function differingRange(a: Value[], b: Value[]): { start: number; endA: number; endB: number } {
  const same = (i: number, j: number): boolean => a[i] !== UNKNOWN && identity(a[i]) === identity(b[j]);
  let start = 0;
  while (start < a.length && start < b.length && same(start, start)) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && same(endA - 1, endB - 1)) [endA, endB] = [endA - 1, endB - 1];
  return { start, endA, endB };
}

/** Compares a property of the state with its planned value, and reports each difference by path. */
function compare(
  path: string,
  field: Field,
  old: Value,
  next: Value,
  parentForce: boolean,
  report: Report,
): void {
  const force = field.force === true || parentForce;
  if (next === UNKNOWN)
    return report(path, isZero(old) && old !== false && old !== 0 ? "add" : "update", force);
  const scalar = field.kind === "string" || field.kind === "number" || field.kind === "bool";
  if (scalar) {
    if (old === next || (isZero(old) && (next === null || next === ""))) return;
    const kind = old === null || old === "" ? "add" : next === null || next === "" ? "delete" : "update";
    return report(path, kind, force);
  }
  if (isZero(old) && isZero(next)) return;
  if (old === null) return report(path, "add", force || anyReplaces(field));
  if (next === null) return report(path, "delete", force || anyReplaces(field));
  if (Array.isArray(old) && Array.isArray(next)) return compareArrays(path, field, old, next, report);
  if (isProps(old) && isProps(next)) {
    const keys = [...new Set([...Object.keys(old), ...Object.keys(next)])].sort();
    for (const key of keys.filter((k) => k !== DEFAULTS)) {
      const member: Field =
        field.kind === "map" ? { kind: "string" } : (field.of?.[key] ?? { kind: "string" });
      compare(
        join(path, key),
        member,
        old[key] ?? null,
        plannedValue(member, old[key], next[key]),
        force,
        report,
      );
    }
    return;
  }
  if (identity(old) !== identity(next)) report(path, "update", force);
}

function compareArrays(path: string, field: Field, old: Value[], next: Value[], report: Report): void {
  const element: Field = field.of ? { kind: "one", of: field.of } : { kind: "string" };
  const at = (i: number, a: Value, b: Value): void =>
    compare(join(path, i), element, a, b, field.force === true, report);
  if (field.kind === "set") {
    const [olds, news] = [old.map(identity), next.map((v) => identity(plannedValue(element, null, v)))];
    const removed = new Set(olds.flatMap((id, i) => (news.includes(id) ? [] : [i])));
    const added = new Set(news.flatMap((id, i) => (olds.includes(id) ? [] : [i])));
    for (const i of [...new Set([...removed, ...added])].sort((a, b) => a - b))
      at(i, removed.has(i) ? old[i]! : null, added.has(i) ? next[i]! : null);
  } else if (field.of) {
    for (let i = 0; i < Math.max(old.length, next.length); i++) at(i, old[i] ?? null, next[i] ?? null);
  } else {
    const { start, endA, endB } = differingRange(old, next);
    for (let i = start; i < Math.max(endA, endB); i++)
      at(i, i < endA ? old[i]! : null, i < endB ? next[i]! : null);
  }
}

/** What a property will be: the input, else what the server chose (computed), else its default, else nothing. */
export function plannedValue(field: Field, old: Value | undefined, next: Value | undefined): Value {
  if (next !== undefined && next !== null) return next;
  if (field.computed || field.output) return old ?? null;
  if (field.default !== undefined) return field.default;
  if (old !== undefined && isZero(old)) return old;
  return field.of && field.kind !== "one" ? [] : null;
}

/**
 * The official bridge's diff: checked inputs against the last outputs.
 * @param replaceFirst true where upstream's type is always deleted before its replacement is created
 */
export function diffOutputs(
  fields: Fields,
  oldInputs: Props,
  oldOutputs: Props,
  news: Props,
  replaceFirst = false,
): DiffResult {
  const detailedDiff: DiffResult["detailedDiff"] = {};
  const [diffs, replaces] = [new Set<string>(), new Set<string>()];
  for (const [name, field] of Object.entries(fields)) {
    const old = oldOutputs[name] ?? null;
    const next = plannedValue(field, old, news[name]);
    if (field.output || (next !== UNKNOWN && field.same?.(old, next))) continue;
    compare(name, field, old, next, false, (path, kind, replace) => {
      detailedDiff[path] = { kind: (replace ? `${kind}-replace` : kind) as DiffKind, inputDiff: false };
      diffs.add(name);
      if (replace) replaces.add(name);
    });
  }
  const named = fields["name"] && !(defaultsOf(news)?.includes("name") ?? true);
  const keepsName = named && (oldInputs["name"] ?? oldOutputs["name"]) === news["name"];
  return {
    changes: diffs.size > 0 ? "some" : "none",
    replaces: [...replaces].sort(),
    diffs: [...diffs].sort(),
    detailedDiff,
    deleteBeforeReplace: replaces.size > 0 && (replaceFirst || keepsName === true),
    stables: Object.keys(fields)
      .filter((name) => fields[name]!.force && !replaces.has(name))
      .sort(),
  };
}
