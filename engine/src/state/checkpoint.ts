import { createHash } from "node:crypto";
import { Secret, type Props } from "../providers/contract.ts";
import { CliError, Refusal, unsupported } from "../errors.ts";
import type { Crypter } from "../secrets/crypter.ts";
import {
  decode,
  decodeProps,
  encode,
  encodeProps,
  type Json,
  type JsonObject,
  type SecretCodec,
} from "../values/codec.ts";
import { SIG, sigs } from "../values/value.ts";
import { VERSION } from "../version.ts";
import type { Deployment, Operation, ResourceState } from "./types.ts";

/** The known fields of a resource in the order in which the official CLI writes them. */
const resourceFields = [
  "urn",
  "custom",
  "delete",
  "id",
  "type",
  "inputs",
  "outputs",
  "parent",
  "protect",
  "taint",
  "external",
  "dependencies",
  "initErrors",
  "provider",
  "propertyDependencies",
  "pendingReplacement",
  "additionalSecretOutputs",
  "aliases",
  "customTimeouts",
  "importID",
  "retainOnDelete",
  "deletedWith",
  "replaceWith",
  "created",
  "modified",
  "sourcePosition",
  "stackTrace",
  "ignoreChanges",
  "hideDiff",
  "replaceOnChanges",
  "replacementTrigger",
  "refreshBeforeUpdate",
  "viewOf",
  "resourceHooks",
  "extensionRef",
  "snippetID",
] as const;

/** Fields that change what an engine must do and that this one doesn't know how to do. */
const refusedFields = [
  "external",
  "replacementTrigger",
  "viewOf",
  "resourceHooks",
  "extensionRef",
  "snippetID",
  "replaceWith",
];

const keptFields = ["importID", "hideDiff", "refreshBeforeUpdate"];

/** What each secret was read or written as, and with which key. */
const ciphertexts = new WeakMap<Secret, { crypter: Crypter; text: string }>();

/** Secrets inside a secret are only marked: what is around them is encrypted already. */
const insideSecret: SecretCodec = {
  encode: (secret) => ({
    [SIG]: sigs.secret,
    ciphertext: JSON.stringify(encode(secret.value, insideSecret)),
  }),
  decode: (object) => ({ json: JSON.parse(String(object["ciphertext"])) as Json }),
};

/** Secrets in the state: encrypted JSON text. An unchanged secret keeps its ciphertext. */
export function stateSecrets(crypter: Crypter | undefined, show = false): SecretCodec {
  const need = (): Crypter => {
    if (crypter) return crypter;
    throw new CliError("the state holds secrets but no secrets provider");
  };
  return {
    encode(secret): Json {
      if (show) return { [SIG]: sigs.secret, plaintext: JSON.stringify(encode(secret.value, this)) };
      const known = ciphertexts.get(secret);
      const text =
        known && known.crypter === crypter
          ? known.text
          : need().encrypt(JSON.stringify(encode(secret.value, insideSecret)));
      ciphertexts.set(secret, { crypter: need(), text });
      return { [SIG]: sigs.secret, ciphertext: text };
    },
    decode(object) {
      if (typeof object["plaintext"] === "string") return { json: JSON.parse(object["plaintext"]) as Json };
      const text = object["ciphertext"];
      if (typeof text !== "string") throw new CliError("the state holds a secret without its text");
      const secret = new Secret(decode(JSON.parse(need().decrypt(text)) as Json, insideSecret));
      ciphertexts.set(secret, { crypter: need(), text });
      return { secret };
    },
  };
}

export function encodeResource(state: ResourceState, secrets: SecretCodec): JsonObject {
  const all = { ...state.rest, ...state } as Record<string, unknown>;
  const json: JsonObject = {};
  for (const field of resourceFields) {
    const value = all[field];
    if (field === "inputs" || field === "outputs") {
      if (Object.keys(state[field]).length > 0) json[field] = encodeProps(state[field], secrets);
    } else if (field === "propertyDependencies") {
      const map = state.propertyDependencies ?? {};
      if (Object.keys(map).length > 0) json[field] = sorted(map);
    } else if (field === "urn" || field === "custom" || field === "type") {
      json[field] = value as Json;
    } else if (!empty(value)) {
      json[field] = value as Json;
    }
  }
  return json;
}

const sorted = <T>(map: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

const empty = (value: unknown): boolean =>
  value === undefined ||
  value === false ||
  value === "" ||
  value === null ||
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === "object" && Object.keys(value).length === 0);

export function decodeResource(json: JsonObject, secrets: SecretCodec): ResourceState {
  const refused = refusedFields.find((field) => !empty(json[field]));
  if (refused) throw unsupported(`the state of ${String(json["urn"])}: its field "${refused}"`);
  const rest = Object.fromEntries(Object.entries(json).filter(([field]) => keptFields.includes(field)));
  const unknownField = Object.keys(json).find(
    (field) => !(resourceFields as readonly string[]).includes(field),
  );
  if (unknownField) throw unsupported(`the state of ${String(json["urn"])}: its field "${unknownField}"`);
  const { inputs, outputs, dependencies, ...others } = json;
  for (const field of keptFields) delete others[field];
  const propsOf = (props: Json | undefined): Props => {
    try {
      return decodeProps((props ?? {}) as JsonObject, secrets);
    } catch (error) {
      throw error instanceof Refusal
        ? unsupported(`the state of ${String(json["urn"])}: ${error.what}`)
        : error;
    }
  };
  return {
    ...(others as unknown as ResourceState),
    inputs: propsOf(inputs),
    outputs: propsOf(outputs),
    dependencies: (dependencies ?? []) as string[],
    ...(Object.keys(rest).length > 0 ? { rest } : {}),
  };
}

/** The deployment as JSON, its resources by `resource` (which may use a cache). */
export function encodeDeployment(
  deployment: Deployment,
  resource: (state: ResourceState) => Json,
  time = new Date(),
): JsonObject {
  const { salt, resources, pendingOperations, metadata } = deployment;
  return {
    manifest: { time: time.toISOString(), magic: magic(VERSION), version: VERSION },
    ...(salt ? { secrets_providers: { type: "passphrase", state: { salt } } } : {}),
    ...(resources.length > 0 ? { resources: resources.map(resource) } : {}),
    ...(pendingOperations.length > 0
      ? {
          pending_operations: pendingOperations.map((o) => ({
            resource: resource(o.resource),
            type: o.type,
          })),
        }
      : {}),
    metadata,
  };
}

/** Reads a deployment. `open` makes the crypter from the salt that it names. */
export async function decodeDeployment(
  json: JsonObject,
  open: (salt: string) => Promise<Crypter>,
): Promise<Deployment> {
  const manifest = (json["manifest"] ?? {}) as { magic?: string; version?: string };
  if ((manifest.version ?? "") !== "" && manifest.magic !== magic(manifest.version ?? "")) {
    throw new CliError("magic cookie mismatch; possible tampering/corruption detected");
  }
  const unsupportedPart = ["snippets", "extensions"].find((field) => !empty(json[field]));
  if (unsupportedPart) throw unsupported(`a state with "${unsupportedPart}"`);
  const provider = json["secrets_providers"] as { type: string; state?: { salt?: string } } | undefined;
  if (provider && provider.type !== "passphrase")
    throw unsupported(`the secrets provider "${provider.type}"`);
  const salt = provider?.state?.salt;
  const encrypted = salt !== undefined && JSON.stringify(json).includes('"ciphertext"');
  const secrets = stateSecrets(encrypted ? await open(salt) : undefined);
  const operations = (json["pending_operations"] ?? []) as {
    resource: JsonObject;
    type: Operation["type"];
  }[];
  return {
    resources: ((json["resources"] ?? []) as JsonObject[]).map((r) => decodeResource(r, secrets)),
    pendingOperations: operations.map((o) => ({
      resource: decodeResource(o.resource, secrets),
      type: o.type,
    })),
    ...(salt === undefined ? {} : { salt }),
    metadata: (json["metadata"] ?? {}) as JsonObject,
  };
}

const magic = (version: string): string => createHash("sha256").update(version).digest("hex");
