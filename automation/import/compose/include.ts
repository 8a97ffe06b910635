import { isDeepStrictEqual } from "node:util";
import { UserError } from "../../lib/errors.ts";
import { asMap, type JsonMap } from "./json.ts";
import { merge } from "./merge.ts";

const GROUPS = ["services", "volumes", "networks", "secrets", "configs"] as const;

/**
 * A file with what it includes. Included files stand beside each other, and no name of one hides another's (Compose
 * Specification, 14-include).
 * @throws UserError for a name that is there twice, with different content
 */
export function combined(path: string, included: readonly JsonMap[], own: JsonMap): JsonMap {
  return [...included, own].reduce((before, after) => {
    for (const group of GROUPS) {
      const [one, other] = [asMap(before[group]), asMap(after[group])];
      const name = Object.keys(other).find((key) => key in one && !isDeepStrictEqual(one[key], other[key]));
      if (name !== undefined)
        throw new UserError(
          `${path} gets ${group}.${name} twice, with different content, from what it includes.`,
          "Compose refuses that, too. Import one file after the other, from the second one on with --add, or give one of them another name.",
        );
    }
    return merge(before, after);
  });
}
