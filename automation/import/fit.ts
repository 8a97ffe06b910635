import { stackSchema } from "../../config/schema/index.ts";
import { isMap, type Json, type JsonMap } from "./compose/json.ts";

/** A value that the schema refuses, and that was taken out. */
export interface Misfit {
  path: PropertyKey[];
  message: string;
}

/**
 * The settings as far as the schema takes them: what it doesn't know or accept is taken out, one after the other, so that
 * the file can be read whatever the old stack said. What it misses stays missing, for a person.
 */
export function fit(settings: JsonMap): { settings: JsonMap; misfits: Misfit[]; lacking: PropertyKey[][] } {
  const result = structuredClone(settings);
  const misfits: Misfit[] = [];
  for (;;) {
    const parsed = stackSchema.safeParse(result, { reportInput: true });
    const issues = parsed.success ? [] : parsed.error.issues;
    const found = issues.flatMap((issue): Misfit[] => {
      if (issue.code === "unrecognized_keys")
        return issue.keys.map((key) => ({ path: [...issue.path, key], message: "there is no such setting" }));
      return issue.input === undefined ? [] : [{ path: issue.path, message: issue.message }];
    });
    // From the end, because taking one out moves those after it in a list.
    const removed = found.reverse().filter(({ path }) => remove(result, path));
    if (removed.length === 0) {
      const lacking = issues.map(({ path }) => path);
      return { settings: result, misfits, lacking };
    }
    misfits.push(...removed);
  }
}

/** Takes a value out; `false` where there is none. */
function remove(root: JsonMap, path: readonly PropertyKey[]): boolean {
  let node: Json | undefined = root;
  for (const key of path.slice(0, -1)) {
    if (isMap(node)) node = node[String(key)];
    else if (Array.isArray(node)) node = node[Number(key)];
    else return false;
  }
  const last = path.at(-1);
  if (Array.isArray(node) && Number(last) < node.length) return node.splice(Number(last), 1).length > 0;
  if (!isMap(node) || last === undefined || !(String(last) in node)) return false;
  delete node[String(last)];
  return true;
}
