import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { Readable } from "node:stream";
import type { Props } from "../contract.ts";
import type { DockerCtx } from "./context.ts";
import { items, str } from "./wire.ts";

async function contentOf(ctx: DockerCtx, upload: Props): Promise<Buffer> {
  const [content, base64, source] = [
    str(upload["content"]),
    str(upload["contentBase64"]),
    str(upload["source"]),
  ];
  if ([content, base64, source].filter((given) => given !== undefined).length !== 1)
    throw new Error("uploads: expected exactly one of content, contentBase64 and source, none of them empty");
  if (source !== undefined) return readFile(resolve(ctx.root, source));
  return content !== undefined ? Buffer.from(content, "utf8") : Buffer.from(base64!, "base64");
}

function modeOf(upload: Props): number {
  const permissions = str(upload["permissions"]);
  if (permissions !== undefined) return Number.parseInt(permissions, 8);
  return upload["executable"] === true ? 0o744 : 0o644;
}

/** Writes the files of `uploads` into a created container, all in one archive. Folders must exist or get made as 0755. */
export async function upload(ctx: DockerCtx, name: string, id: string, wanted: Props): Promise<void> {
  const given = items(wanted["uploads"]);
  if (given.length === 0) return;
  const { pack } = await import("tar-stream");
  const archive = pack();
  for (const one of given) {
    const file = String(one["file"]).replace(/^\/+/, "");
    archive.entry({ name: file, mode: modeOf(one), mtime: new Date() }, await contentOf(ctx, one));
  }
  archive.finalize();
  await ctx.engine.try(`${name}: cannot upload files`, (docker) =>
    docker.getContainer(id).putArchive(Readable.from(archive), { path: "/" }),
  );
}
