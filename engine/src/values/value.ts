import { Secret, UNKNOWN, type Props, type Value } from "../providers/contract.ts";

/** The key that marks a special object on the wire and in the state, and its values by kind. */
export const SIG = "4dabf18193072939515e22adb298388d";
export const sigs = {
  secret: "1b47061264138c4ac30d75fd1eb44270",
  asset: "c44067f5952c0a294b673a41bacd8c17",
  archive: "0def7320c3a5731c473e5ecbe6d01bc7",
  resource: "5cf8f73096256a8f31e491e813e4eb8e",
  output: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
} as const;

/** How an unknown value is written where only text fits: on the wire, in ids and provider references of previews. */
export const UNKNOWN_STRING = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** True for a plain object (resource references included: they stay in their wire form). */
export function isObject(value: Value | undefined): value is Props {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}

/** Rebuilds a value, with `leaf` deciding about everything that isn't an array, an object or a secret. */
export function mapLeaves(value: Value, leaf: (v: Value) => Value, secret: (s: Secret) => Value): Value {
  if (value instanceof Secret) return secret(value);
  if (Array.isArray(value)) return value.map((v) => mapLeaves(v, leaf, secret));
  if (isObject(value)) return mapProps(value, (v) => mapLeaves(v, leaf, secret));
  return leaf(value);
}

/** Applies `f` to each property. */
export function mapProps(props: Props, f: (v: Value, key: string) => Value): Props {
  return Object.fromEntries(Object.entries(props).map(([k, v]) => [k, f(v, k)]));
}

function someValue(value: Value | undefined, test: (v: Value) => boolean): boolean {
  if (value === undefined) return false;
  if (test(value)) return true;
  if (value instanceof Secret) return someValue(value.value, test);
  if (Array.isArray(value)) return value.some((v) => someValue(v, test));
  return isObject(value) && Object.values(value).some((v) => someValue(v, test));
}

export const hasSecret = (value: Value | undefined): boolean => someValue(value, (v) => v instanceof Secret);

/** The value without its secret wrappers. */
export function reveal(value: Value): Value {
  return mapLeaves(
    value,
    (v) => v,
    (s) => reveal(s.value),
  );
}

/** What a provider gets: no secret wrappers, resource references as an id or URN. */
export function forProvider(props: Props): Props {
  const convert = (v: Value): Value => {
    if (v instanceof Secret) return convert(v.value);
    if (Array.isArray(v)) return v.map(convert);
    if (!isObject(v)) return v;
    if (v[SIG] === sigs.resource) {
      if (v["id"] === undefined) return v["urn"] ?? null;
      return v["id"] === "" || v["id"] === UNKNOWN_STRING ? UNKNOWN : v["id"];
    }
    return mapProps(v, convert);
  };
  return mapProps(props, convert);
}

/** Structural equality; a secret equals its value. */
export function equal(a: Value | undefined, b: Value | undefined): boolean {
  if (a instanceof Secret) return equal(a.value, b);
  if (b instanceof Secret) return equal(a, b.value);
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((v, i) => equal(v, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((k) => k in b && equal(a[k], b[k]));
}

/** Marks outputs secret where the input of the same name holds a secret (objects are walked into, secret ones too). */
export function inheritSecrets(outputs: Props, inputs: Props): Props {
  return mapProps(outputs, (out, key) => {
    const input = inputs[key];
    if (input === undefined) return out;
    if (isObject(out) && isObject(input)) return inheritSecrets(out, input);
    if (isObject(out) && input instanceof Secret && isObject(input.value))
      return new Secret(inheritSecrets(out, input.value));
    return !(out instanceof Secret) && hasSecret(input) ? new Secret(out) : out;
  });
}

/** Marks the named properties secret. */
export function markSecrets(props: Props, names: readonly string[]): Props {
  if (names.length === 0) return props;
  return mapProps(props, (v, key) => (names.includes(key) && !(v instanceof Secret) ? new Secret(v) : v));
}
