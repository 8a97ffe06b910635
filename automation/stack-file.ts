import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { dirname, join } from "node:path";
import { isMap, parseDocument, type Document } from "yaml";
import { GENERATED } from "../config/secrets.ts";
import { PROJECT } from "./stack-config.ts";
import { LOCAL, ROOT } from "./workspace.ts";

/** What automation writes into a stack file, and takes out again when the stack goes. */
const WRITTEN = [["digests"], ["releases"], ["server", "box", "registry"]];

/** The style in which Pulumi writes stack files, so that what nobody changed stays as it is. */
const STYLE = { lineWidth: 0, flowCollectionPadding: false };

/** Where the stack files stand, and where this machine keeps what it knows about them. */
interface Folders {
  root: string;
  local: string;
}

const FOLDERS: Folders = { root: ROOT, local: LOCAL };

export function stackFile(stack: string, { root } = FOLDERS): string {
  return join(root, `Pulumi.${stack}.yaml`);
}

function originalFile(stack: string, { local }: Folders): string {
  return join(local, stack, `Pulumi.${stack}.yaml`);
}

/** Keeps the stack file as the user wrote it, secrets of their own included, before anything is recorded in it. */
export function keepOriginal(stack: string, folders = FOLDERS): void {
  const [file, copy] = [stackFile(stack, folders), originalFile(stack, folders)];
  if (!existsSync(file)) return;
  if (existsSync(copy) && readFileSync(file, "utf8").includes("encryptionsalt")) return;
  mkdirSync(dirname(copy), { recursive: true });
  copyFileSync(file, copy);
}

/** Takes out what automation wrote; the user's own settings and secrets stay. Back to the very bytes where nothing else changed. */
export function cleanStackFile(stack: string, folders = FOLDERS): void {
  const [file, copy] = [stackFile(stack, folders), originalFile(stack, folders)];
  if (!existsSync(file)) return;
  const document = parseDocument(readFileSync(file, "utf8"));
  const original = existsSync(copy) ? parseDocument(readFileSync(copy, "utf8")) : undefined;
  for (const [first, ...rest] of WRITTEN) putBack(document, original, key(first!, rest));
  // A secret that the user had set stays theirs, with the value that it has now.
  for (const name of GENERATED) if (!original?.hasIn(key(name))) takeOut(document, key(name));
  if (!hasSecrets(document.toString())) document.delete("encryptionsalt");
  const same = original && isDeepStrictEqual(original.toJS(), document.toJS());
  writeFileSync(file, same ? readFileSync(copy) : document.toString(STYLE));
}

function key(name: string, rest: string[] = []): string[] {
  return ["config", `${PROJECT}:${name}`, ...rest];
}

function putBack(document: Document, original: Document | undefined, path: string[]): void {
  if (original?.hasIn(path)) document.setIn(path, original.getIn(path));
  else takeOut(document, path);
}

/** Deletes a value, and the groups above it that hold nothing else. */
function takeOut(document: Document, path: string[]): void {
  if (!document.hasIn(path)) return;
  document.deleteIn(path);
  const above = path.slice(0, -1);
  const group = document.getIn(above);
  if (above.length > 1 && isMap(group) && group.items.length === 0) takeOut(document, above);
}

function hasSecrets(text: string): boolean {
  return /^\s+secure:/m.test(text);
}

/** Whether any stack file still holds a secret that only the passphrase opens. */
export function secretsLeft({ root } = FOLDERS): boolean {
  const files = readdirSync(root).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  return files.some((name) => hasSecrets(readFileSync(join(root, name), "utf8")));
}
