import { unsupported } from "../errors.ts";
import { Secret, UNKNOWN, type Props, type Value } from "../providers/contract.ts";
import { isObject, mapProps, SIG, sigs, UNKNOWN_STRING } from "./value.ts";

/** JSON as it travels: on the wire (protobuf Struct) and in the state. */
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

const unknowns = new Set([
  UNKNOWN_STRING,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
]);

/** How secrets are written and read: on the wire as they are, in the state encrypted. */
export interface SecretCodec {
  encode(secret: Secret): Json;
  decode(object: JsonObject): { secret: Secret } | { json: Json };
}

/** Secrets on the wire: `{value}`. */
export const wireSecrets: SecretCodec = {
  encode: (secret) => ({ [SIG]: sigs.secret, value: encode(secret.value, wireSecrets) }),
  decode: (object) => ({ json: object["value"] ?? null }),
};

/** Secrets shown to people and in engine events: never readable. */
export const blindSecrets: SecretCodec = {
  encode: () => ({ [SIG]: sigs.secret, ciphertext: "[secret]" }),
  decode: () => ({ json: "[secret]" }),
};

/** Secrets in previews and other text for people. */
export const maskedSecrets: SecretCodec = { ...blindSecrets, encode: () => "[secret]" };

export function encode(value: Value, secrets: SecretCodec): Json {
  if (value === UNKNOWN) return UNKNOWN_STRING;
  if (value instanceof Secret) return secrets.encode(value);
  if (Array.isArray(value)) return value.map((v) => encode(v, secrets));
  if (isObject(value)) return encodeProps(value, secrets);
  return value;
}

/** Keys are sorted, as the official engine writes them. */
export function encodeProps(props: Props, secrets: SecretCodec): JsonObject {
  const sorted: JsonObject = {};
  for (const key of Object.keys(props).sort()) sorted[key] = encode(props[key] as Value, secrets);
  return sorted;
}

/** Reads a value; `dependencies` collects the URNs that output values on the wire carry. */
export function decode(json: Json, secrets: SecretCodec, dependencies?: Set<string>): Value {
  if (typeof json === "string") return unknowns.has(json) ? UNKNOWN : json;
  if (Array.isArray(json)) return json.map((v) => decode(v, secrets, dependencies));
  if (json === null || typeof json !== "object") return json;
  switch (json[SIG]) {
    case sigs.secret: {
      const read = secrets.decode(json);
      return "secret" in read ? read.secret : new Secret(decode(read.json, secrets, dependencies));
    }
    case sigs.output: {
      for (const urn of (json["dependencies"] as string[] | undefined) ?? []) dependencies?.add(urn);
      const value = json["value"] === undefined ? UNKNOWN : decode(json["value"], secrets, dependencies);
      return json["secret"] === true ? new Secret(value) : value;
    }
    case sigs.asset:
    case sigs.archive:
      throw unsupported("an asset or archive");
    case sigs.resource: // Stays in wire form; an unknown id must not become the symbol in there.
      return { ...(json as Record<string, string>) };
  }
  return mapProps(json as Props, (v) => decode(v as Json, secrets, dependencies));
}

export function decodeProps(json: JsonObject, secrets: SecretCodec, dependencies?: Set<string>): Props {
  return mapProps(json as Props, (v) => decode(v as Json, secrets, dependencies));
}
