import type { Ctx, DiffKind, DiffResult, Props, ResourceType, Value } from "../contract.ts";
import { UNKNOWN, UnsupportedError } from "../contract.ts";
import { isProps, join } from "../bridge/values.ts";
import { withTimeout } from "../timeout.ts";

type Shape = "string" | "boolean" | "number" | "list" | "texts" | "object" | "textMap";
/** Input names and what they hold; `!` marks a required one. */
export type InputShapes = { readonly [name: string]: Shape | `${Shape}!` };

function hasShape(shape: string, value: Value): boolean {
  if (value === UNKNOWN) return true;
  if (shape === "list") return Array.isArray(value);
  if (shape === "texts") return Array.isArray(value) && value.every((v) => hasShape("string", v));
  if (shape === "object") return isProps(value);
  if (shape === "textMap") return isProps(value) && Object.values(value).every((v) => hasShape("string", v));
  return typeof value === shape;
}

/** Checks inputs against their shapes. @throws UnsupportedError for any other input */
export function checkInputShapes(what: string, shapes: InputShapes, news: Props, path = "") {
  const failures: { property: string; reason: string }[] = [];
  const inputs = Object.fromEntries(Object.entries(news).filter(([, value]) => value !== null));
  for (const [name, value] of Object.entries(inputs)) {
    const shape = shapes[name];
    const property = join(path, name);
    if (!shape) throw new UnsupportedError(`property "${property}" of ${what}`);
    if (!hasShape(shape.replace("!", ""), value))
      failures.push({ property, reason: `expected ${shape.replace("!", "")}, got ${typeof value}` });
  }
  for (const [name, shape] of Object.entries(shapes))
    if (shape.endsWith("!") && inputs[name] === undefined)
      failures.push({
        property: join(path, name),
        reason: `missing required field "${join(path, name)}" of ${what}`,
      });
  return { inputs, failures };
}

/** Reports every difference between two values by path. */
function walk(
  path: string,
  old: Value | undefined,
  next: Value | undefined,
  report: (p: string, k: DiffKind) => void,
) {
  if (old === undefined || old === null) {
    if (next !== undefined && next !== null) report(path, "add");
  } else if (next === undefined || next === null) {
    report(path, "delete");
  } else if (Array.isArray(old) && Array.isArray(next)) {
    for (let i = 0; i < Math.max(old.length, next.length); i++) walk(join(path, i), old[i], next[i], report);
  } else if (isProps(old) && isProps(next)) {
    const keys = new Set([...Object.keys(old), ...Object.keys(next)]);
    for (const key of [...keys].sort()) walk(join(path, key), old[key], next[key], report);
  } else if (old !== next) {
    report(path, "update");
  }
}

/** The official provider's diff: its inputs in the state against the new ones; any change of `triggers` replaces. */
function diffInputs(shapes: InputShapes, state: Props, news: Props): DiffResult {
  const detailedDiff: DiffResult["detailedDiff"] = {};
  const [diffs, replaces] = [new Set<string>(), new Set<string>()];
  for (const name of Object.keys(shapes)) {
    const replace = name === "triggers";
    walk(name, state[name], news[name], (path, kind) => {
      detailedDiff[path] = { kind: (replace ? `${kind}-replace` : kind) as DiffKind, inputDiff: false };
      diffs.add(name);
      if (replace) replaces.add(name);
    });
  }
  return {
    changes: diffs.size > 0 ? "some" : "none",
    replaces: [...replaces],
    diffs: [...diffs],
    detailedDiff,
    deleteBeforeReplace: false,
    stables: [],
  };
}

/** What the resources of this provider share: nothing can be read back, and checks and diffs follow from shapes. */
export function commandResource(
  type: string,
  shapes: InputShapes,
  rest: Pick<ResourceType, "create" | "update" | "delete"> & {
    /** Further checks of one resource. */
    verify?(ctx: Ctx, inputs: Props): { property: string; reason: string }[];
    /** Marks inputs secret that always are. */
    seal?(inputs: Props): Props;
  },
): ResourceType {
  const { verify, seal, create, update } = rest;
  return {
    type,
    async check(ctx, _urn, _olds, news) {
      const { inputs, failures } = checkInputShapes(type, shapes, news);
      return { inputs: seal?.(inputs) ?? inputs, failures: [...failures, ...(verify?.(ctx, inputs) ?? [])] };
    },
    diff: async (_ctx, _id, _urn, _oldInputs, oldOutputs, news) => diffInputs(shapes, oldOutputs, news),
    read: async (_ctx, id, _urn, inputs, outputs) => ({ id, inputs, outputs }),
    create: (ctx, urn, inputs, preview, seconds) =>
      withTimeout(ctx, seconds, (c) => create(c, urn, inputs, preview)),
    update: (ctx, id, urn, oldInputs, oldOutputs, news, preview, seconds) =>
      withTimeout(ctx, seconds, (c) => update(c, id, urn, oldInputs, oldOutputs, news, preview)),
    delete: (ctx, id, urn, inputs, outputs, seconds) =>
      withTimeout(ctx, seconds, (c) => rest.delete(c, id, urn, inputs, outputs)),
  };
}
