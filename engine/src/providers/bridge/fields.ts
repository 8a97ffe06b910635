import type { Value } from "../contract.ts";

/**
 * How the official docker and random providers describe a property. They are generated from Terraform schemas, and
 * what a change does (nothing, an update, a replacement) follows from these few facts alone.
 */
export interface Field {
  kind: "string" | "number" | "bool" | "list" | "set" | "map" | "one";
  /** Members: of each element of a list or set, or of the single block of kind `one`. Absent: elements are text. */
  of?: Fields;
  required?: boolean;
  /** The server fills it when the program doesn't: leaving it out is no change. */
  computed?: boolean;
  /** A change replaces the resource. */
  force?: boolean;
  default?: string | number | boolean;
  /** Only an output. */
  output?: boolean;
  /** Known to the official provider, refused here. */
  unsupported?: boolean;
  /** Upstream's name where it isn't ours in snake case. */
  tf?: string;
  /** True when two different values mean the same (upstream's diff suppression). */
  same?(old: Value, next: Value): boolean;
  /** What the value must look like, for {@link Field.valid}. */
  expected?: string;
  valid?(value: string | number): boolean;
}

export type Fields = { readonly [name: string]: Field };
type Rest = Omit<Field, "kind" | "of">;

export const text = (rest: Rest = {}): Field => ({ kind: "string", ...rest });
export const num = (rest: Rest = {}): Field => ({ kind: "number", ...rest });
export const bool = (rest: Rest = {}): Field => ({ kind: "bool", ...rest });
/** An ordered list of text. */
export const texts = (rest: Rest = {}): Field => ({ kind: "list", ...rest });
/** An unordered set of text. */
export const textSet = (rest: Rest = {}): Field => ({ kind: "set", ...rest });
export const map = (rest: Rest = {}): Field => ({ kind: "map", ...rest });
export const list = (of: Fields, rest: Rest = {}): Field => ({ kind: "list", of, ...rest });
export const set = (of: Fields, rest: Rest = {}): Field => ({ kind: "set", of, ...rest });
/** A block that may appear once. */
export const block = (of: Fields, rest: Rest = {}): Field => ({ kind: "one", of, ...rest });

/** A change replaces the resource. */
export const REPLACES = { force: true } as const;
/** The engine chooses a value where the program gives none; a change replaces the resource. */
export const COMPUTED = { force: true, computed: true } as const;
/** The official provider records it in every state, empty; a program that sets it is refused: nothing here does. */
export const REFUSED = { unsupported: true } as const;
