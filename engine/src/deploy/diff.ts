import type { DiffKind, DiffResult, Props } from "../providers/contract.ts";
import { equal } from "../values/value.ts";
import { contains, parsePath, resetPath } from "../values/path.ts";

/** The name under which earlier initialisation errors appear in a diff. */
const INIT_ERROR = "#initerror";

const replacing = (kind: DiffKind): DiffKind =>
  (kind.endsWith("-replace") ? kind : `${kind}-replace`) as DiffKind;

/** Applies the option `replaceOnChanges` (`*`: any change, also earlier initialisation errors). */
export function replaceOnChanges(
  diff: DiffResult,
  paths: readonly string[],
  initErrors: boolean,
): DiffResult {
  if (paths.length === 0 || (diff.changes === "none" && !initErrors)) return diff;
  const parsed = paths.map(parsePath);
  const hit = (path: string): boolean => {
    const inner = parsePath(path);
    return parsed.some((outer) => contains(outer, inner));
  };
  const result = { ...diff, replaces: [...diff.replaces], detailedDiff: { ...diff.detailedDiff } };
  for (const key of diff.diffs) if (hit(key) && !result.replaces.includes(key)) result.replaces.push(key);
  for (const [path, change] of Object.entries(diff.detailedDiff)) {
    if (!hit(path)) continue;
    result.detailedDiff[path] = { ...change, kind: replacing(change.kind) };
    const key = String(parsePath(path)[0]);
    if (!result.replaces.includes(key)) result.replaces.push(key);
  }
  if (initErrors && hit(INIT_ERROR)) {
    result.changes = "some";
    result.replaces.push(INIT_ERROR);
    result.detailedDiff[INIT_ERROR] = { kind: "update-replace", inputDiff: false };
  }
  return result;
}

/** Adds what replaces the resource, whatever its properties say; `diffs` are shown as changed too. */
export function forceReplacement(
  diff: DiffResult,
  replaces: readonly string[],
  diffs: readonly string[],
): DiffResult {
  if (replaces.length === 0) return diff;
  return {
    ...diff,
    changes: "some",
    replaces: [...diff.replaces, ...replaces],
    diffs: [...diff.diffs, ...diffs],
  };
}

/** Applies the option `ignoreChanges`: those inputs stay as they were. */
export function ignoreChanges(news: Props, olds: Props, paths: readonly string[]): Props {
  let inputs = news;
  for (const path of paths) inputs = resetPath(olds, inputs, parsePath(path)) as Props;
  return inputs;
}

/**
 * The other half of that option, for what a refresh found: a difference of the state itself from the kept inputs.
 * The official providers leave it out of their diffs.
 */
export function withoutIgnored(diff: DiffResult, paths: readonly string[]): DiffResult {
  if (paths.length === 0 || diff.changes === "none") return diff;
  const parsed = paths.map(parsePath);
  const ignored = (path: string): boolean => parsed.some((outer) => contains(outer, parsePath(path)));
  const entries = Object.entries(diff.detailedDiff);
  const left = entries.filter(([path]) => !ignored(path));
  const holds = (list: typeof entries, key: string, suffix: string): boolean =>
    list.some(([path, { kind }]) => String(parsePath(path)[0]) === key && kind.endsWith(suffix));
  // A property stays while a difference inside it does; it replaces while one that replaces does.
  const stays = (key: string, suffix = ""): boolean =>
    !ignored(key) && (!holds(entries, key, suffix) || holds(left, key, suffix));
  const diffs = diff.diffs.filter((key) => stays(key));
  return {
    ...diff,
    changes: diffs.length > 0 || left.length > 0 ? diff.changes : "none",
    diffs,
    replaces: diff.replaces.filter((key) => stays(key) && stays(key, "-replace")),
    detailedDiff: Object.fromEntries(left),
  };
}

/** The diff of what has no provider to ask: components and providers. Nothing in them replaces. */
export function plainDiff(olds: Props, news: Props): DiffResult {
  const diffs = [...new Set([...Object.keys(olds), ...Object.keys(news)])].filter(
    (k) => !equal(olds[k], news[k]),
  );
  const kind = (key: string): DiffKind => {
    if (!(key in olds)) return "add";
    return key in news ? "update" : "delete";
  };
  return {
    changes: diffs.length > 0 ? "some" : "none",
    replaces: [],
    diffs,
    detailedDiff: Object.fromEntries(diffs.map((key) => [key, { kind: kind(key), inputDiff: true }])),
    deleteBeforeReplace: false,
    stables: [],
  };
}
