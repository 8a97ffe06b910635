import { IMAGES, localName, type BuiltName } from "./names.ts";

/**
 * The image of ours that a Dockerfile builds on.
 *
 * @param text contents of the Dockerfile
 * @param path where it is, for the error
 * @throws Error when `FROM` is missing, is there twice, or names an image that is not made here
 */
export function parentOf(text: string, path: string): BuiltName {
  const found = [...text.matchAll(/^FROM\s+(\S+)\s*$/gim)].map((match) => match[1]!);
  const expected = `one FROM ${localName("bookworm").replace(/:latest$/, "")} or another image of images/`;
  if (found.length !== 1) throw new Error(`${path}: expected ${expected}, found ${found.length} of FROM`);
  const parent = IMAGES.find((name) => `${found[0]}:latest` === localName(name));
  if (!parent) throw new Error(`${path}: expected ${expected}, found FROM ${found[0]}`);
  return parent;
}
