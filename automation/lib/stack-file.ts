import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { join } from "node:path";
import { parseDocument, type Document } from "yaml";
import { GENERATED } from "../../config/secrets.ts";
import { writeAtomically } from "./files.ts";
import { FOLDERS, placeOf, stackFile, STYLE, takeOut, type Folders } from "./stack-file-edit.ts";

export { stackFile } from "./stack-file-edit.ts";

/** What automation writes into a stack file, and takes out again when the stack goes. */
const WRITTEN = [["digests"], ["releases"], ["server", "box", "registry"]];

function originalFile(stack: string, { local }: Folders): string {
  return join(local, stack, `Pulumi.${stack}.yaml`);
}

/** Keeps the stack file as the user wrote it, secrets of their own included, before anything is recorded in it. */
export function keepOriginal(stack: string, folders = FOLDERS): void {
  const [file, copy] = [stackFile(stack, folders), originalFile(stack, folders)];
  if (!existsSync(file)) return;
  if (existsSync(copy) && readFileSync(file, "utf8").includes("encryptionsalt")) return;
  writeAtomically(copy, readFileSync(file));
}

/** Takes out what automation wrote; the user's own settings and secrets stay. Back to the very bytes where nothing else changed. */
export function cleanStackFile(stack: string, folders = FOLDERS): void {
  const [file, copy] = [stackFile(stack, folders), originalFile(stack, folders)];
  if (!existsSync(file)) return;
  const document = parseDocument(readFileSync(file, "utf8"));
  const original = existsSync(copy) ? parseDocument(readFileSync(copy, "utf8")) : undefined;
  for (const path of WRITTEN) putBack(document, original, path);
  // A secret that the user had set stays theirs, with the value that it has now.
  for (const name of GENERATED)
    if (!original?.hasIn(placeOf(original, [name]))) takeOut(document, placeOf(document, [name]));
  if (!hasSecrets(document.toString())) document.delete("encryptionsalt");
  const same = original && isDeepStrictEqual(original.toJS(), document.toJS());
  writeAtomically(file, same ? readFileSync(copy) : document.toString(STYLE));
}

function putBack(document: Document, original: Document | undefined, path: string[]): void {
  const [place, before] = [placeOf(document, path), original && placeOf(original, path)];
  if (original && before && original.hasIn(before)) document.setIn(place, original.getIn(before));
  else takeOut(document, place);
}

function hasSecrets(text: string): boolean {
  return /^\s+secure:/m.test(text);
}

/** Whether any stack file still holds a secret that only the passphrase opens. */
export function secretsLeft({ root } = FOLDERS): boolean {
  const files = readdirSync(root).filter((name) => /^Pulumi\..+\.yaml$/.test(name));
  return files.some((name) => hasSecrets(readFileSync(join(root, name), "utf8")));
}
