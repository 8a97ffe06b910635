import { PassThrough } from "node:stream";
import type { Props } from "../contract.ts";
import type { DockerCtx } from "./context.ts";

/** `attach: true`: waits for the container's end. With `logs` returns what it wrote, both streams. */
export async function waitForEnd(ctx: DockerCtx, name: string, id: string, wanted: Props): Promise<Props> {
  return ctx.engine.try(`${name}: cannot wait for its end`, async (docker): Promise<Props> => {
    const container = docker.getContainer(id);
    await container.wait();
    if (wanted["logs"] !== true) return {};
    const raw = await container.logs({ stdout: true, stderr: true, follow: false });
    if (wanted["tty"] === true) return { containerLogs: raw.toString("utf8") };
    const [source, sink, parts] = [new PassThrough(), new PassThrough(), [] as Buffer[]];
    sink.on("data", (chunk: Buffer) => parts.push(chunk));
    docker.modem.demuxStream(source, sink, sink);
    source.end(raw);
    await new Promise((resolve) => source.once("end", resolve));
    return { containerLogs: Buffer.concat(parts).toString("utf8") };
  });
}
