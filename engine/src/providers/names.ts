import { randomBytes } from "node:crypto";

/** `prefix` and `digits` random hex digits: the ids of the command provider. */
export function uniqueHex(prefix: string, digits = 8): string {
  return (
    prefix +
    randomBytes(Math.ceil(digits / 2))
      .toString("hex")
      .slice(0, digits)
  );
}

/** The last part of a URN: the resource's name in the program. */
export function resourceName(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
