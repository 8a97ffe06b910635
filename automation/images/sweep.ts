import { PassThrough } from "node:stream";
import type Docker from "dockerode";
import { statusOf } from "./engine.ts";
import { MANAGED } from "./labels.ts";
import { PLACE, SWEEP } from "./registry.ts";

const ROOT = "/var/lib/registry";

/** Seconds without a write after which nobody is publishing: a push writes all the time. */
const QUIET = 5;

/** Whether nobody has published anything for some seconds, in the registry's own time. Busybox has these options, too. */
export async function isQuiet(docker: Docker, seconds = QUIET, place = PLACE): Promise<boolean> {
  const registry = docker.getContainer(place.registry);
  const times = await printed(registry, ["find", ROOT, "-exec", "stat", "-c", "%Y", "{}", "+"]);
  // A file that went meanwhile was an upload that has just ended.
  if (times === undefined) return false;
  const now = Number(await printed(registry, ["date", "+%s"]));
  const last = times.split("\n").reduce((latest, time) => Math.max(latest, Number(time)), 0);
  return now - last > seconds;
}

async function printed(registry: Docker.Container, command: string[]): Promise<string | undefined> {
  const exec = await registry.exec({ Cmd: command, AttachStdout: true });
  const stream = await exec.start({});
  const text = new PassThrough();
  registry.modem.demuxStream(stream, text, text);
  stream.on("end", () => text.end());
  let found = "";
  for await (const chunk of text) found += String(chunk);
  const { ExitCode } = await exec.inspect();
  return ExitCode === 0 ? found : undefined;
}

/**
 * Frees what no image of the registry needs any more, by the registry's own command in a container beside it. The registry
 * stands still meanwhile, because a layer that arrives just then would be taken for one that nobody needs.
 * @returns false when another run is at it
 */
export async function sweep(docker: Docker, place = PLACE): Promise<boolean> {
  const registry = docker.getContainer(place.registry);
  const { Image } = await registry.inspect();
  const sweeper = await create(docker, Image, place.registry);
  if (!sweeper) return false;
  try {
    await registry.pause();
    try {
      await sweeper.start();
      await ended(docker, sweeper);
    } finally {
      await registry.unpause();
    }
  } finally {
    await sweeper.remove({ force: true });
  }
  return true;
}

/** Its name is the lock: the engine gives it once. One that doesn't run was left by a run that was killed. */
async function create(
  docker: Docker,
  image: string,
  registry: string,
  again = true,
): Promise<Docker.Container | undefined> {
  const name = `${registry}-sweep`;
  try {
    return await docker.createContainer({
      name,
      Image: image,
      Cmd: ["garbage-collect", "/etc/docker/registry/config.yml"],
      Labels: { [MANAGED]: "true" },
      HostConfig: {
        NetworkMode: "none",
        Mounts: [{ Type: "volume", Source: registry, Target: ROOT }],
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        PidsLimit: 200,
      },
    });
  } catch (error) {
    if (statusOf(error) !== 409 || !again) throw error;
    const other = docker.getContainer(name);
    const { State, Created } = await other.inspect();
    if (State.Running || Date.now() - Date.parse(Created) < SWEEP * 1000) return undefined;
    await other.remove({ force: true });
    return create(docker, image, registry, false);
  }
}

async function ended(docker: Docker, sweeper: Docker.Container): Promise<void> {
  const late = setTimeout(() => void sweeper.kill().catch(() => undefined), SWEEP * 1000);
  try {
    const { StatusCode } = (await sweeper.wait()) as { StatusCode: number };
    if (StatusCode === 0) return;
    const log = await sweeper.logs({ stdout: true, stderr: true, tail: 5 });
    throw new Error(`the registry's garbage-collect ended with ${StatusCode}: ${String(log)}`);
  } finally {
    clearTimeout(late);
  }
}
