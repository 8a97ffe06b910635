import { pulumi } from "../lib/workspace.ts";

/** A resource as the stack's state has it (checkpoint version 3), as far as drift reads it. */
export interface Resource {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  parent?: string;
  dependencies?: string[];
  provider?: string;
  /** An old one that waits for its deletion. */
  delete?: boolean;
  taint?: boolean;
  initErrors?: string[];
}

/** An exported state. */
export interface Deployment {
  version: number;
  deployment: { resources?: Resource[] };
}

/** Marks a secret in a state (pulumi, `sdk/go/common/resource`: the signature key and the secrets' signature). */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/**
 * The stack's state: what the last update declared.
 * @param showSecrets decrypted; such a state stays in memory and is never written or printed
 */
export async function exportState(stack: string, showSecrets: boolean): Promise<Deployment> {
  const args = ["stack", "export", "--stack", stack, ...(showSecrets ? ["--show-secrets"] : [])];
  return JSON.parse(await pulumi(args)) as Deployment;
}

/** Replaces the state; secrets in it are still encrypted. */
export async function importState(stack: string, state: Deployment): Promise<void> {
  await pulumi(["stack", "import", "--stack", stack], JSON.stringify(state));
}

/** A value of a decrypted state without its wrapping, and whether a secret was in it. */
export function reveal(value: unknown): { value: unknown; secret: boolean } {
  if (Array.isArray(value)) {
    const parts = value.map(reveal);
    return { value: parts.map((part) => part.value), secret: parts.some(({ secret }) => secret) };
  }
  if (value === null || typeof value !== "object") return { value, secret: false };
  const object = value as Record<string, unknown>;
  if (object[SIGNATURE] === SECRET)
    return { value: reveal(JSON.parse(String(object.plaintext))).value, secret: true };
  const parts = Object.entries(object).map(([key, part]) => [key, reveal(part)] as const);
  return {
    value: Object.fromEntries(parts.map(([key, part]) => [key, part.value])),
    secret: parts.some(([, { secret }]) => secret),
  };
}
