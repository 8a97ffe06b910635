import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packages } from "../../src/providers/index.ts";
import { Secret } from "../../src/providers/contract.ts";
import type { Ctx, Props, ResourceType, Value } from "../../src/providers/contract.ts";
import { DEFAULTS, defaultsOf, isProps } from "../../src/providers/bridge/values.ts";
import { forProvider } from "../../src/values/value.ts";
import { FIXTURES, withoutRefused, type RecordedJson } from "../support/recording.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A resource as the official CLI recorded it, secrets decrypted. */
export interface Recorded {
  urn: string;
  name: string;
  id: string;
  type: ResourceType;
  inputs: Props;
  outputs: Props;
  /** Inputs as the program gave them: without what check filled in. */
  source: Props;
}

function decrypter(stackFile: string): (ciphertext: string) => Value {
  const salt = /encryptionsalt: v1:([^:]+):/.exec(readFileSync(stackFile, "utf8"))?.[1] ?? "";
  const key = pbkdf2Sync("correct-horse", Buffer.from(salt, "base64"), 1_000_000, 32, "sha256");
  return (ciphertext) => {
    const [, nonce, sealed] = ciphertext.split(":").map((part) => Buffer.from(part, "base64"));
    const cipher = createDecipheriv("aes-256-gcm", key, nonce!);
    cipher.setAuthTag(sealed!.subarray(-16));
    const plain = Buffer.concat([cipher.update(sealed!.subarray(0, -16)), cipher.final()]);
    return JSON.parse(plain.toString("utf8")) as Value;
  };
}

/** Recorded JSON as provider values. Secrets are unwrapped, except the ones upstream's bookkeeping marks. */
function toValue(value: Value, decrypt: (text: string) => Value, keep: boolean): Value {
  const walk = (v: Value): Value => toValue(v, decrypt, keep);
  if (Array.isArray(value)) return value.map(walk);
  if (!isProps(value)) return value;
  if (value[SIGNATURE] === SECRET) {
    const text = String(value["ciphertext"] ?? value["plaintext"]);
    const plain = walk(/^v1:/.test(text) ? decrypt(text) : (JSON.parse(text) as Value));
    return keep ? new Secret(plain) : plain;
  }
  const delta = "__pulumi_raw_state_delta";
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) => [key, toValue(v, decrypt, keep || key === delta)]),
  );
}

function withoutFilledIn(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutFilledIn);
  if (!isProps(value)) return value;
  const filled = [DEFAULTS, ...(defaultsOf(value) ?? [])];
  const given = Object.entries(value).filter(([key]) => !filled.includes(key));
  return Object.fromEntries(given.map(([key, v]) => [key, withoutFilledIn(v)]));
}

/** Every resource of our providers in a recorded checkpoint, without properties that this engine refuses. */
export function recorded(folder: string, state: string, stackFile = "Pulumi.dev.yaml"): Recorded[] {
  const decrypt = decrypter(join(FIXTURES, folder, stackFile));
  const text = readFileSync(join(FIXTURES, folder, state), "utf8");
  type Deployment = { resources: RecordedJson[] };
  type State = { checkpoint?: { latest: Deployment }; deployment?: Deployment };
  const { checkpoint, deployment } = JSON.parse(text) as State;
  return withoutRefused((checkpoint?.latest ?? deployment!).resources).flatMap((raw) => {
    const type = packages.flatMap((p) => Object.values(p.resources)).find((t) => t.type === raw.type);
    if (!type) return [];
    const inputs = toValue((raw["inputs"] ?? {}) as Props, decrypt, false) as Props;
    const outputs = toValue((raw["outputs"] ?? {}) as Props, decrypt, false) as Props;
    const name = raw.urn.slice(raw.urn.lastIndexOf("::") + 2);
    return [
      {
        urn: raw.urn,
        name,
        id: String(raw["id"] ?? ""),
        type,
        inputs,
        outputs,
        source: withoutFilledIn(inputs) as Props,
      },
    ];
  });
}

export const seed = new Uint8Array(32).fill(7);

/** What a provider said while a test ran it. */
export interface Said {
  severity: string;
  message: string;
}

export function context(root = FIXTURES): Ctx & { said: Said[] } {
  const said: Said[] = [];
  return {
    project: "test",
    stack: "dev",
    root,
    signal: new AbortController().signal,
    said,
    log: (severity, message) => void said.push({ severity, message }),
  };
}

export function typeOf(token: string): ResourceType {
  const type = packages.flatMap((p) => Object.values(p.resources)).find((t) => t.type === token);
  if (!type) throw new Error(`no type ${token}`);
  return type;
}

/** Check that must pass. */
export async function checked(type: ResourceType, urn: string, news: Props, olds?: Props): Promise<Props> {
  const { inputs, failures } = await type.check(context(), urn, olds, news, seed);
  if (failures.length > 0) throw new Error(failures.map((f) => `${f.property}: ${f.reason}`).join("; "));
  return forProvider(inputs);
}
