import { existsSync, mkdirSync, writeFileSync, copyFileSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Document, isMap, isScalar, isSeq, type Pair } from "yaml";
import { UserError } from "../lib/errors.ts";
import { writeAtomically } from "../lib/files.ts";
import { PROJECT } from "../lib/project-name.ts";
import { edited, editStackFile, stackFile, STYLE, withDraft, type Edit } from "../lib/stack-file-edit.ts";
import { ensurePassphrase, openStack, pulumi, ROOT } from "../lib/workspace.ts";
import type { JsonMap } from "./compose/json.ts";

/** Comments that stand above a setting, by its key and the keys above it. */
export type Comments = readonly (readonly [path: RegExp, text: string])[];

/** A new stack file: comments at the top, then every setting with the project's name in front. */
export function stackText(settings: JsonMap, head: readonly string[], comments: Comments): string {
  const config = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`${PROJECT}:${key}`, value]),
  );
  const document = new Document({ config });
  document.commentBefore = [...head, "yaml-language-server: $schema=config/schema.json"]
    .map((line) => ` ${line}`)
    .join("\n");
  annotate(document.get("config"), "", comments);
  return document.toString(STYLE);
}

function annotate(node: unknown, path: string, comments: Comments): void {
  if (isSeq(node)) return node.items.forEach((one) => annotate(one, `${path}[]`, comments));
  if (!isMap(node)) return;
  for (const { key, value } of node.items as Pair[]) {
    const name = isScalar(key) ? String(key.value) : "";
    const here = path === "" ? name.replace(`${PROJECT}:`, "") : `${path}.${name}`;
    const text = comments.find(([pattern]) => pattern.test(here))?.[1];
    if (text !== undefined && isScalar(key)) key.commentBefore = ` ${text}`;
    annotate(value, here, comments);
  }
}

/** @throws UserError where there is such a stack already: its file may hold what nobody else knows */
export function refuseExisting(stack: string, root = ROOT): void {
  if (!/^[\w.-]{1,100}$/.test(stack))
    throw new UserError(
      `"${stack}" can't be the name of a stack.`,
      'A name has letters, digits, "-", "_" and ".".',
    );
  const file = stackFile(stack, { root, local: "" });
  if (existsSync(file))
    throw new UserError(
      `${file} is there already, and is not overwritten.`,
      "Choose another name with --stack NAME, remove the file, or add to it what a Compose file has: npm run import -- FILE --add.",
    );
}

/** A file that goes into the project, from another place or from text. */
export interface Copy {
  place: string;
  source?: string;
  content?: string;
}

/** Writes the stack file, and the files that it names. One that is there with other content is not overwritten. */
export function writeStack(stack: string, text: string, copies: readonly Copy[], root = ROOT): void {
  writeCopies(copies, root);
  writeAtomically(stackFile(stack, { root, local: "" }), text);
}

/** Adds to the stack file, and writes the files that it names. */
export async function addToStack(
  stack: string,
  edits: readonly Edit[],
  copies: readonly Copy[],
  root = ROOT,
): Promise<void> {
  writeCopies(copies, root);
  await editStackFile(stack, (text) => edited(text, edits), { root, local: "" });
}

function writeCopies(copies: readonly Copy[], root: string): void {
  for (const copy of copies) refuseOther(copy, root);
  for (const { place, source, content } of copies) {
    mkdirSync(dirname(join(root, place)), { recursive: true });
    if (source === undefined) writeFileSync(join(root, place), content ?? "");
    else copyFileSync(source, join(root, place));
  }
}

function refuseOther({ place, source, content = "" }: Copy, root: string): void {
  const [file, wanted] = [
    join(root, place),
    source === undefined ? Buffer.from(content) : readFileSync(source),
  ];
  if (existsSync(file) && !readFileSync(file).equals(wanted))
    throw new UserError(
      `${file} is there already, with other content.`,
      "Move it away, or remove it, and run the same command again.",
    );
}

/** Sets secrets of a stack, encrypted in its file; their values go through standard input only. */
export async function setSecrets(stack: string, values: Readonly<Record<string, string>>): Promise<void> {
  const names = Object.keys(values);
  if (names.length === 0) return;
  ensurePassphrase();
  await openStack(stack, true);
  await editStackFile(stack, (text) =>
    withDraft(stack, text, async (file) => {
      for (const name of names) {
        const place = ["--stack", stack, "--config-file", file];
        await pulumi(["config", "set", "--secret", `${PROJECT}:${name}`, ...place], values[name]);
      }
      return readFileSync(file, "utf8");
    }),
  );
}
