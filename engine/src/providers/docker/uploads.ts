import { Readable } from "node:stream";
import type { Props } from "../contract.ts";
import type { DockerCtx } from "./context.ts";
import { items, str } from "./convert.ts";

/** Writes the files of `uploads` into a created container, all in one archive. Folders must exist or get made as 0755. */
export async function upload(ctx: DockerCtx, container: string, id: string, wanted: Props): Promise<void> {
  const given = items(wanted["uploads"]);
  if (given.length === 0) return;
  const { pack } = await import("tar-stream");
  const archive = pack();
  for (const file of given) {
    const content = str(file["content"]);
    if (content === undefined) throw new Error("uploads: expected a content that isn't empty in each entry");
    const name = String(file["file"]).replace(/^\/+/, "");
    const mode = Number.parseInt(str(file["permissions"]) ?? "0644", 8);
    archive.entry({ name, mode, mtime: new Date() }, content);
  }
  archive.finalize();
  await ctx.engine.try(`${container}: cannot upload files`, (docker) =>
    docker.getContainer(id).putArchive(Readable.from(archive), { path: "/" }),
  );
}
