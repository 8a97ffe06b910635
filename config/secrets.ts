import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { providedServices } from "./own-caches.ts";
import { PROVIDERS, serviceRow, SERVICES } from "./services.ts";

/** Passwords of the stack's own services: set-up makes those that are not set (S1). */
export const GENERATED = PROVIDERS.map((name) => SERVICES[name].provides.password);

/** The generated secrets that a stack with these settings needs. */
export function generatedFor(settings: Parameters<typeof providedServices>[0]): string[] {
  return providedServices(settings).flatMap((name) => serviceRow(name).provides?.password ?? []);
}

/** Settings of the program itself that are secret: the SSH key of a server with an address. */
export const PLATFORM = ["SSH_PRIVATE_KEY"] as const;

/** One secret value, and a mark that changes with it. */
export interface Secret {
  name: string;
  value: pulumi.Output<string>;
  /** Changes when the value does; goes into a release's identity, so it must not reveal the value. */
  fingerprint: string;
}

/** The secrets of a stack's configuration, by name. */
export class Secrets {
  private readonly values: ReadonlyMap<string, string>;

  constructor(
    private readonly salt: string,
    values: Readonly<Record<string, string>>,
  ) {
    this.values = new Map(Object.entries(values));
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** The secret of that name; `undefined` when the configuration has none. */
  get(name: string): Secret | undefined {
    const value = this.values.get(name);
    if (value === undefined) return undefined;
    return { name, value: pulumi.secret(value), fingerprint: fingerprint(this.salt, name, value) };
  }
}

/**
 * 48 bits of a salted SHA-256: enough to notice a change. Release names only ever carry a hash over all
 * fingerprints, and every release of a stack has at least one random secret in it.
 */
function fingerprint(salt: string, name: string, value: string): string {
  return createHash("sha256").update([salt, name, value].join("\0")).digest("hex").slice(0, 12);
}
