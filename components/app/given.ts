import * as pulumi from "@pulumi/pulumi";
import type { App } from "../../config/schema/app/index.ts";
import { secretsOf } from "../../config/schema/app/secrets.ts";
import { pieces } from "../../config/values.ts";
import type { SecretValue } from "../lib/secret-value.ts";
import { mark, type Parts } from "../service/credential.ts";
import type { ReleaseSecret } from "./secret.ts";

/** What the stack gives an application. */
export interface Given {
  /** Values of the stack and of the application, by name: `domain`. */
  plain: Readonly<Record<string, string>>;
  /** Credentials by the name under which values hold their parts: `database`. */
  credentials: Readonly<Record<string, ReleaseSecret & { parts: Parts }>>;
  /** A secret of the stack by its name. */
  secret: (name: string) => SecretValue;
}

/** Variables of an application, with every name filled in. */
export interface Filled {
  environment: Record<string, string>;
  secrets: ReleaseSecret[];
}

/** What a name stands for, and what must be there before it is of use. */
interface Known {
  value: string | SecretValue;
  ready?: ReleaseSecret["ready"];
}

/**
 * The variables of an application: credentials of the services that it needs, secrets, and settings with the names in them
 * filled in. A setting that holds a secret becomes one; where it has the name of a credential's variable, it is there
 * instead of it.
 * @throws Error for a name that the check of the configuration has let through
 */
export function fillIn({ environment, secrets }: Pick<App, "environment" | "secrets">, given: Given): Filled {
  const own = secretsOf(secrets).map(({ variable, secret }) => ({ variable, ...given.secret(secret) }));
  const known = knownNames(given, own);
  const filled = Object.entries(environment).map(([variable, text]) => fill(variable, text, known));
  const shaped = filled.filter((one) => typeof one !== "string");
  const made = Object.values(given.credentials).filter(
    ({ variable }) => !shaped.some((one) => one.variable === variable),
  );
  return {
    environment: Object.fromEntries(
      Object.keys(environment).flatMap((variable, index) => {
        const value = filled[index]!;
        return typeof value === "string" ? [[variable, value]] : [];
      }),
    ),
    secrets: [...made, ...own, ...shaped],
  };
}

function knownNames({ plain, credentials }: Given, own: ReleaseSecret[]): ReadonlyMap<string, Known> {
  return new Map<string, Known>([
    ...Object.entries(plain).map(([name, value]): [string, Known] => [name, { value }]),
    ...Object.entries(credentials).flatMap(([name, { parts, ready }]) =>
      Object.entries(parts).map(([part, value]): [string, Known] => [`${name}.${part}`, { value, ready }]),
    ),
    ...own.map((secret): [string, Known] => [`secrets.${secret.variable}`, { value: secret }]),
  ]);
}

/** A value as text, or as a secret where it holds one: its mark changes with each of them, and with the text around them. */
function fill(variable: string, text: string, known: ReadonlyMap<string, Known>): string | ReleaseSecret {
  const parts = pieces(text).map((piece): Known => {
    if ("text" in piece) return { value: piece.text };
    const found = known.get(piece.name);
    if (!found) throw new Error(`${variable} holds {{${piece.name}}}, which stands for nothing`);
    return found;
  });
  const values = parts.map(({ value }) => (typeof value === "string" ? value : value.value));
  const marks = parts.map(({ value }) => (typeof value === "string" ? value : value.fingerprint));
  if (parts.every(({ value }) => typeof value === "string")) return marks.join("");
  return {
    variable,
    value: pulumi.secret(pulumi.all(values).apply((all) => all.join(""))),
    fingerprint: mark(marks.join("\0")),
    ready: [...new Set(parts.flatMap(({ ready }) => ready ?? []))],
  };
}
