import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import type { ContextFile } from "./context.ts";
import { packContext } from "./context.ts";
import { drain, type EngineEvent } from "./engine.ts";
import { labelsOf } from "./labels.ts";
import type { PackageAccess } from "./machine.ts";
import { localName, type BuiltName } from "./names.ts";

/** One image to build from a Dockerfile. */
export interface BuildRequest {
  docker: Docker;
  name: BuiltName;
  hash: string;
  files: readonly ContextFile[];
  buildArgs: Readonly<Record<string, string>>;
  access: PackageAccess;
  /** Takes no step over from earlier builds. */
  noCache?: boolean;
  onProgress: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Builds an image on this machine's engine and names it by its hash. Building shares the machine's network, because
 * its mirror or proxy may be reachable from the machine only.
 *
 * @throws Error with the last lines of the build that failed
 */
export async function buildImage({ docker, name, hash, files, ...rest }: BuildRequest): Promise<void> {
  const { buildArgs, access, noCache, onProgress, signal } = rest;
  const output: string[] = [];
  const stream = await docker.buildImage(packContext(files), {
    t: localName(name, hash.slice(0, 24)),
    buildargs: { ...access.proxies, ...buildArgs },
    labels: labelsOf(name, hash),
    networkmode: "host",
    forcerm: true,
    nocache: noCache,
    abortSignal: signal,
  });
  try {
    await drain(stream, ({ stream: text = "" }: EngineEvent) => {
      output.push(text);
      const step = /^Step (\d+\/\d+) : (RUN .{0,60})/.exec(text);
      if (step) onProgress(`${name}: step ${step[1]}, ${step[2]}`);
    });
  } catch (error) {
    signal?.throwIfAborted();
    const last = output.join("").trim().split("\n").slice(-20).join("\n");
    throw new Error(`building the image ${name} failed: ${(error as Error).message}\n${last}`);
  }
}

/**
 * Publishes an image of this machine's engine under some tags of a repository in the registry. The tags stay here too: so
 * the engine goes on knowing the digest, and another run finds what it is about to push.
 */
export async function pushImage(
  docker: Docker,
  { name, hash, tags, port }: { name: BuiltName; hash: string; tags: readonly string[]; port: number },
  signal?: AbortSignal,
): Promise<void> {
  const repo = `127.0.0.1:${port}/${name}`;
  for (const tag of tags) {
    await docker.getImage(localName(name, hash.slice(0, 24))).tag({ repo, tag });
    // The engine wants a login; this registry doesn't.
    const login = { username: "", password: "" };
    const image = docker.getImage(`${repo}:${tag}`);
    await insist(async () => drain(await image.push({ authconfig: login, abortSignal: signal })), signal);
  }
}

const ATTEMPTS = 4;

/**
 * Pushes again: engine and registry may stumble over pushes of the same content at the same moment, by two runs, and over what
 * another run has just swept away; later it is there.
 */
export async function insist<T>(push: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let times = 1; ; times++) {
    try {
      return await push();
    } catch (error) {
      if (times === ATTEMPTS || signal?.aborted) throw error;
      await sleep(times * (200 + Math.random() * 400));
    }
  }
}
