import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

/** One file of an archive: its name in there, and its contents. */
export type Member = { name: string; path: string } | { name: string; text: string };

/**
 * SHA-256 (hex) of the tar stream that the official engine builds from an archive: one USTAR entry a file, nothing in
 * its header but name, mode 0600 and size. Written out here because every byte of the header counts.
 */
export async function tarHash(members: Member[]): Promise<string> {
  const hash = createHash("sha256");
  const seen = new Set<string>();
  for (const member of members) {
    if (seen.has(member.name)) continue;
    seen.add(member.name);
    const size = "text" in member ? Buffer.byteLength(member.text) : (await stat(member.path)).size;
    hash.update(header(member.name, size));
    if ("text" in member) hash.update(member.text);
    else await hashFile(hash, member.path);
    hash.update(Buffer.alloc((512 - (size % 512)) % 512));
  }
  return hash.update(Buffer.alloc(1024)).digest("hex");
}

/** Feeds a file's bytes to a hash. */
export async function hashFile(hash: Hash, path: string): Promise<void> {
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
}

/** The files below a folder, a folder's entries in the order of their names. */
export async function filesOf(folder: string, prefix = ""): Promise<{ name: string; path: string }[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const files: { name: string; path: string }[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    const name = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
    if (entry.isDirectory()) files.push(...(await filesOf(path, name)));
    else if (entry.isFile()) files.push({ name, path });
  }
  return files;
}

/** A USTAR header (POSIX.1-1988, ustar interchange format). */
function header(name: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");
  let [base, prefix] = [name, ""];
  if (Buffer.byteLength(name) > 100) {
    const cut = name.lastIndexOf("/", 155);
    [prefix, base] = [name.slice(0, Math.max(cut, 0)), name.slice(cut + 1)];
    if (cut < 1 || Buffer.byteLength(base) > 100)
      throw new Error(`archive member ${name}: the name is too long`);
  }
  block.write(base, 0);
  block.write(octal(0o600, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write("        0", 148);
  block.write("ustar\0" + "00", 257);
  block.write(octal(0, 7), 329);
  block.write(octal(0, 7), 337);
  block.write(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}
