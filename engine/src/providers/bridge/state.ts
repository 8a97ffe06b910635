import { Secret, UNKNOWN } from "../contract.ts";
import type { Props, Value } from "../contract.ts";
import type { Field, Fields } from "./fields.ts";
import { isProps, withoutDefaults } from "./values.ts";

/**
 * Where the official bridge keeps what it needs to turn outputs back into upstream's state. Without it the official
 * provider guesses, so it is written for states that move between the two engines.
 */
export const DELTA = "__pulumi_raw_state_delta";

/** Text sets are stored sorted, as upstream does. */
function storedValue(field: Field, value: Value, inSet: boolean): Value {
  if (field.kind === "set" && !field.of && Array.isArray(value))
    return value.includes(UNKNOWN) ? value : [...value].sort();
  if (field.of && isProps(value)) return withAllFields(field.of, value, inSet);
  if (field.of && Array.isArray(value))
    return value.map((m) => (isProps(m) ? withAllFields(field.of!, m, inSet || field.kind === "set") : m));
  return value;
}

/** What upstream stores for a property that isn't set: members of a set have empty text, everything else is null. */
function absentValue(field: Field, inSet: boolean): Value {
  if (field.default !== undefined && (inSet || field.default !== "")) return field.default;
  if (inSet && field.kind === "string") return "";
  if (field.kind === "list" || field.kind === "set") return field.of || field.computed || inSet ? [] : null;
  return null;
}

/** Gives every field a value, as the official state has it. */
export function withAllFields(fields: Fields, values: Props, inSet = false): Props {
  const out: Props = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = values[name];
    out[name] =
      value === undefined || value === null ? absentValue(field, inSet) : storedValue(field, value, inSet);
  }
  return out;
}

/** `ipv4Address` → `ipv4_address` */
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

function delta(field: Field, value: Value): Props | undefined {
  // A block that the engine may fill is an attribute upstream: null, not an empty list.
  if (value === null && field.computed) return undefined;
  if (field.kind === "one") return { plu: { i: isProps(value) ? objectDelta(field.of ?? {}, value) : {} } };
  if (value === null) return undefined;
  if (field.kind === "map") return { map: {} };
  if (!Array.isArray(value)) return undefined;
  if (!field.of || value.length === 0) return { arr: {} };
  const elements = value.map((m, i) => [String(i), objectDelta(field.of!, isProps(m) ? m : {})]);
  return { arr: { el: Object.fromEntries(elements) } };
}

function objectDelta(fields: Fields, value: Props): Props {
  const [ps, renamed]: [Props, Props] = [{}, {}];
  for (const [name, field] of Object.entries(fields)) {
    const inner = delta(field, value[name] ?? null);
    if (inner) ps[name] = inner;
    if (field.tf && field.tf !== snake(name)) renamed[name] = field.tf;
  }
  const obj: Props = {};
  if (Object.keys(ps).length > 0) obj["ps"] = ps;
  if (Object.keys(renamed).length > 0) obj["renamed"] = renamed;
  return { obj };
}

/** Complete outputs of a docker resource: every field, the id, and upstream's bookkeeping. */
export function outputsOf(fields: Fields, id: string, meta: Props, values: Props): Props {
  const out = withAllFields(fields, withoutDefaults(values));
  return { ...out, id, __meta: JSON.stringify(meta), [DELTA]: objectDelta(fields, out) };
}

/** The same bookkeeping for the random provider, where absent values are left out and noted as secret nulls. */
export function sparseDelta(fields: Fields, outputs: Props): Props {
  const ps: Props = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = outputs[name];
    if (value === undefined || value === null) ps[name] = new Secret({ replace: { raw: null } });
    else if (field.kind === "map") ps[name] = { map: {} };
    else if (field.kind === "list") ps[name] = { arr: {} };
  }
  return Object.keys(ps).length > 0 ? { obj: { ps } } : { obj: {} };
}

/** Outputs in a preview: the inputs, and unknown for everything that the server chooses. */
export function previewOutputs(fields: Fields, inputs: Props): Props {
  const out = withAllFields(fields, withoutDefaults(inputs));
  for (const [name, field] of Object.entries(fields))
    if ((field.computed || field.output) && (inputs[name] === undefined || inputs[name] === null))
      out[name] = UNKNOWN;
  return { ...out, id: UNKNOWN };
}
