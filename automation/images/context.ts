import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pack } from "tar-stream";

/** A file of a build context. */
export interface ContextFile {
  /** Path in the context, with `/`. */
  path: string;
  content: Buffer;
  executable: boolean;
}

/** All files under a folder in the order of their paths, which begin with `prefix`. */
export async function readContext(folder: string, prefix = ""): Promise<ContextFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const read = files.map(async (entry): Promise<ContextFile> => {
    const full = join(entry.parentPath, entry.name);
    const [content, { mode }] = await Promise.all([readFile(full), stat(full)]);
    return {
      path: prefix + full.slice(folder.length + 1).replaceAll("\\", "/"),
      content,
      executable: (mode & 0o100) !== 0,
    };
  });
  return inOrder(await Promise.all(read));
}

/**
 * Identity of what a build makes: the files with their executable bit, the build arguments, and the image it stands
 * on. Times, owners, the umask of the checkout and the order of arguments don't count.
 *
 * @param parentHash the same identity of the image named by `FROM`
 * @returns hexadecimal SHA-256
 */
export function contextHash(
  files: readonly ContextFile[],
  buildArgs: Readonly<Record<string, string>> = {},
  parentHash = "",
): string {
  const hash = createHash("sha256");
  const parts = inOrder(files).map((file) => [file.path, file.executable, sha256(file.content)]);
  const args = Object.entries(buildArgs).sort(([a], [b]) => compare(a, b));
  return hash.update(JSON.stringify([parentHash, args, parts])).digest("hex");
}

/** The context as the tar stream that the engine takes, without anything of this machine in it. */
export function packContext(files: readonly ContextFile[]): Readable {
  const tar = pack();
  for (const { path, content, executable } of inOrder(files)) {
    tar.entry({ name: path, mode: executable ? 0o755 : 0o644, mtime: new Date(0), uid: 0, gid: 0 }, content);
  }
  tar.finalize();
  return Readable.from(tar);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const inOrder = (files: readonly ContextFile[]): ContextFile[] =>
  [...files].sort((a, b) => compare(a.path, b.path));

const sha256 = (content: Buffer): string => createHash("sha256").update(content).digest("hex");
