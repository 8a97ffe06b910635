import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { dirname, join } from "node:path";
import { parse, parseDocument } from "yaml";
import { GENERATED } from "../config/secrets.ts";
import { PROJECT } from "./stack-config.ts";
import { LOCAL, ROOT } from "./workspace.ts";

/** What automation writes into a stack file, and takes out again when the stack goes. */
const WRITTEN = [
  ["digests"],
  ["releases"],
  ["server", "box", "registry"],
  ...GENERATED.map((name) => [name]),
];

export function stackFile(stack: string): string {
  return join(ROOT, `Pulumi.${stack}.yaml`);
}

function originalFile(stack: string): string {
  return join(LOCAL, stack, `Pulumi.${stack}.yaml`);
}

/** Keeps the stack file as the user wrote it, before anything is recorded in it for the first time. */
export function keepOriginal(stack: string): void {
  const copy = originalFile(stack);
  if (!existsSync(stackFile(stack)) || readFileSync(stackFile(stack), "utf8").includes("encryptionsalt"))
    return;
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(stackFile(stack), copy);
}

/** Takes out what automation wrote; the user's own settings and secrets stay. Back to the very bytes where nothing else changed. */
export function cleanStackFile(stack: string): void {
  const file = stackFile(stack);
  if (!existsSync(file)) return;
  const document = parseDocument(readFileSync(file, "utf8"));
  for (const [first, ...rest] of WRITTEN) document.deleteIn(["config", `${PROJECT}:${first}`, ...rest]);
  if (!hasSecrets(document.toString())) document.delete("encryptionsalt");
  const copy = originalFile(stack);
  const same = existsSync(copy) && isDeepStrictEqual(parse(readFileSync(copy, "utf8")), document.toJS());
  writeFileSync(file, same ? readFileSync(copy) : document.toString());
}

function hasSecrets(text: string): boolean {
  return /^\s+secure:/m.test(text);
}

/** Whether any stack file still holds a secret that only the passphrase opens. */
export function secretsLeft(): boolean {
  const files = readdirSync(ROOT).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  return files.some((name) => hasSecrets(readFileSync(join(ROOT, name), "utf8")));
}
