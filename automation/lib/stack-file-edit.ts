import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isMap, parseDocument, type Document } from "yaml";
import { UserError } from "./errors.ts";
import { writeAtomically } from "./files.ts";
import { PROJECT } from "./project-name.ts";
import { LOCAL, ROOT } from "./workspace.ts";

/** The style in which Pulumi writes stack files, so that unchanged parts stay as they are. */
export const STYLE = { lineWidth: 0, flowCollectionPadding: false };

/** Where the stack files stand, and where this machine keeps what it knows about them. */
export interface Folders {
  root: string;
  local: string;
}

export const FOLDERS: Folders = { root: ROOT, local: LOCAL };

export function stackFile(stack: string, { root } = FOLDERS): string {
  return join(root, `Pulumi.${stack}.yaml`);
}

/** The text of a stack file; empty where there is none. */
export function readStackFile(stack: string, folders = FOLDERS): string {
  const file = stackFile(stack, folders);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

/** A setting and its value: `[["digests", "nginx:1"], "sha256:…"]`; `undefined` takes it out. */
export type Edit = readonly [path: readonly string[], value: unknown];

/** A stack file's text with other values; comments, order and everything else stay. */
export function edited(text: string, edits: readonly Edit[]): string {
  const document = parseDocument(text);
  for (const [path, value] of edits) {
    const place = placeOf(document, path);
    if (value === undefined) takeOut(document, place);
    else {
      if (!isMap(document.get("config"))) document.set("config", document.createNode({}));
      document.setIn(place, document.createNode(value));
    }
  }
  return document.toString(STYLE);
}

/** Where a setting stands: the project's own keys may be there without its name. */
export function placeOf(document: Document, [first = "", ...rest]: readonly string[]): string[] {
  return ["config", document.hasIn(["config", first]) ? first : `${PROJECT}:${first}`, ...rest];
}

/** Deletes a value, and the groups above it that hold nothing else. */
export function takeOut(document: Document, path: string[]): void {
  if (!document.hasIn(path)) return;
  document.deleteIn(path);
  const above = path.slice(0, -1);
  const group = document.getIn(above);
  if (above.length > 1 && isMap(group) && group.items.length === 0) takeOut(document, above);
}

/**
 * Changes a stack file in one step: at any moment it is the old one or the new one. What a person writes
 * into it in the same moment is read again, and never lost.
 */
export async function editStackFile(
  stack: string,
  change: (text: string) => string | Promise<string>,
  folders = FOLDERS,
): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    const before = readStackFile(stack, folders);
    const after = await change(before);
    if (after === before) return;
    if (readStackFile(stack, folders) !== before) continue;
    return writeAtomically(stackFile(stack, folders), after);
  }
  throw new UserError(
    `Pulumi.${stack}.yaml is changed by another program again and again; nothing was recorded in it.`,
    "Save it once, and run the same command again.",
  );
}

/** Lends a stack file that isn't the stack's own to the engine (`--config-file`). Secrets in it are encrypted. */
export async function withDraft<T>(
  stack: string,
  text: string,
  use: (file: string) => Promise<T>,
  folders = FOLDERS,
): Promise<T> {
  const file = join(folders.local, stack, `draft-${process.pid}.yaml`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text, { mode: 0o600 });
  try {
    return await use(file);
  } finally {
    rmSync(file, { force: true });
  }
}
