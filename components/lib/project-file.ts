import { readFileSync, realpathSync } from "node:fs";
import { join, relative } from "node:path";

const ROOT = join(__dirname, "..", "..");
/** A configuration, not data: it travels in a command's input. */
const LARGEST = 1024 ** 2;

/** What is wrong with a file that a stack names, in words. */
export class NoProjectFile extends Error {}

/**
 * Text of a file of the project.
 * @throws NoProjectFile for one that isn't there, lies outside, is larger than 1 MB or no text
 */
export function projectFile(source: string): string {
  let content: Buffer;
  try {
    const path = realpathSync(join(ROOT, source));
    if (relative(realpathSync(ROOT), path).startsWith(".."))
      throw new NoProjectFile("it leads out of the project");
    content = readFileSync(path);
  } catch (error) {
    if (error instanceof NoProjectFile) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new NoProjectFile(
      code === "ENOENT" ? "there is no such file" : `it can't be read (${String(code)})`,
    );
  }
  if (content.length > LARGEST)
    throw new NoProjectFile(`it has ${content.length} bytes, of at most ${LARGEST}`);
  const text = content.toString("utf8");
  if (!Buffer.from(text, "utf8").equals(content)) throw new NoProjectFile("it isn't text in UTF-8");
  return text;
}
