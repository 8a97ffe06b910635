import Docker from "dockerode";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { publishImages, registryAddress, type ImageName } from "../../automation/images/index.ts";
import { publishedReference, publishedTag } from "../../automation/images/names.ts";

/** Prefix of whatever these tests make on the engine. */
export const PREFIX = `fairlead-test-${randomBytes(3).toString("hex")}`;

export const docker = new Docker();

/** A suite on the Docker engine; skipped, with the reason in its title, on a machine without one. */
export function onEngine(title: string, suite: (this: Mocha.Suite) => void): void {
  // Mocha wants to know at once, and an engine answers later; so another process asks.
  const ask =
    'new (require("dockerode"))().ping().catch((e) => { console.error(e.message); process.exit(1) })';
  const { status, stderr } = spawnSync(process.execPath, ["-e", ask], { cwd: __dirname, encoding: "utf8" });
  if (status === 0) describe(title, suite);
  else describe.skip(`${title} (skipped: no Docker engine, ${stderr.trim()})`, suite);
}

/** Publishes images, and gives each as `127.0.0.1:<port>/<name>@sha256:…`. */
export async function published(names: ImageName[]): Promise<Record<string, string>> {
  const digests = await publishImages({ names, onProgress: () => {} });
  const registry = await registryAddress();
  const entries = names.map((name) => {
    const reference = publishedReference(
      name,
      publishedTag(name, () => ""),
    );
    return [name, `${registry}/${name}@${digests[reference]}`] as const;
  });
  return Object.fromEntries(entries);
}

/** A container as a component runs it. */
export interface Hardened {
  image: string;
  user: string;
  command?: string[];
  env?: string[];
  /** Folders on tmpfs. */
  tmpfs?: string[];
  /** Named volume by its mount point. */
  volumes?: Record<string, string>;
  /** File on the host, mounted read-only, by its place in the container. */
  files?: Record<string, string>;
}

/** Starts a container with a read-only root, no capability and no way to gain one. */
export async function start(options: Hardened): Promise<Docker.Container> {
  const container = await docker.createContainer({
    name: `${PREFIX}-${randomBytes(3).toString("hex")}`,
    Image: options.image,
    User: options.user,
    Cmd: options.command,
    Env: options.env,
    HostConfig: {
      ReadonlyRootfs: true,
      CapDrop: ["ALL"],
      SecurityOpt: ["no-new-privileges"],
      PidsLimit: 200,
      Memory: 512 * 1024 ** 2,
      MemorySwap: 512 * 1024 ** 2,
      Tmpfs: Object.fromEntries((options.tmpfs ?? []).map((path) => [path, ""])),
      Binds: [
        ...Object.entries(options.volumes ?? {}).map(([path, volume]) => `${volume}:${path}`),
        ...Object.entries(options.files ?? {}).map(([path, source]) => `${source}:${path}:ro`),
      ],
    },
  });
  await container.start();
  return container;
}

/** What a command in a container printed, and its exit code. */
export async function run(
  container: Docker.Container,
  ...command: string[]
): Promise<{ code: number; out: string }> {
  const exec = await container.exec({ Cmd: command, AttachStdout: true, AttachStderr: true });
  const stream = await exec.start({});
  const text = new PassThrough();
  docker.modem.demuxStream(stream, text, text);
  stream.on("end", () => text.end());
  let out = "";
  for await (const chunk of text) out += String(chunk);
  const { ExitCode } = await exec.inspect();
  return { code: ExitCode ?? -1, out: out.trim() };
}

/** Runs a command until it succeeds; after the time, fails with its last words and the container's log. */
export async function until(
  container: Docker.Container,
  seconds: number,
  ...command: string[]
): Promise<string> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const { State } = await container.inspect();
    const { code, out } = State.Running
      ? await run(container, ...command)
      : { code: -1, out: `exited ${State.ExitCode}` };
    if (code === 0) return out;
    if (Date.now() > deadline || !State.Running) {
      throw new Error(`${command.join(" ")}: ${out}\n${await log(container)}`);
    }
    await sleep(100);
  }
}

/** What a container has printed; the engine puts eight bytes before each piece, with its length in the last four. */
export async function log(container: Docker.Container, lines = 50): Promise<string> {
  const bytes = await container.logs({ stdout: true, stderr: true, tail: lines });
  let text = "";
  for (let at = 0; at + 8 <= bytes.length;) {
    const end = at + 8 + bytes.readUInt32BE(at + 4);
    text += bytes.subarray(at + 8, end).toString();
    at = end;
  }
  return text;
}

/** Removes every container and volume of these tests. */
export async function cleanUp(): Promise<void> {
  const containers = await docker.listContainers({ all: true, filters: { name: [PREFIX] } });
  await Promise.all(containers.map(({ Id }) => docker.getContainer(Id).remove({ force: true, v: true })));
  const { Volumes } = await docker.listVolumes({ filters: { name: [PREFIX] } });
  await Promise.all((Volumes ?? []).map(({ Name }) => docker.getVolume(Name).remove()));
}
