import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { LOCAL_REGISTRY } from "../../config/images.ts";
import { engine, found, statusOf } from "./engine.ts";
import { CHECKOUT, CONTENT, MANAGED } from "./labels.ts";

/** Names of what the registry takes up on this machine's engine. */
export interface Place {
  /** The container, and its volume. */
  registry: string;
  /** Network on which boxes reach the registry. */
  network: string;
}

/** Where the registry is, unless a test wants one of its own. */
export const PLACE: Place = { registry: "fairlead-registry", network: "fairlead" };

/** How long a sweep may hold the registry, seconds. */
export const SWEEP = 60;

const [ALIAS, PORT] = LOCAL_REGISTRY.split(":") as [string, string];

/** What the registry runs from. */
export interface RegistryRequest {
  docker: Docker;
  /** Image on this machine's engine. */
  image: string;
  /** Hash of that image's content; another one replaces the container and keeps its volume. */
  hash: string;
  /** Port of this machine's loopback to try first; the next free one is taken. */
  port: number;
  /** Folder of the checkout that it is made for; while that one has stacks, no other removes the registry. */
  checkout: string;
  place?: Place;
}

/**
 * Makes sure that the registry runs and answers.
 *
 * @returns the port of this machine's loopback on which it does
 * @throws Error when the engine refuses, or the registry doesn't answer within 20 s, with its last log lines
 */
export async function ensureRegistry(request: RegistryRequest): Promise<number> {
  const { docker, hash, place = PLACE } = request;
  await ensureNetwork(docker, place.network);
  const present = await awake(docker, place.registry);
  let port = portOf(present);
  if (port === undefined || !present?.State.Running || present.Config.Labels[CONTENT] !== hash) {
    // What was published is on the volume, and the port may have been taken while it stood still.
    if (present) await docker.getContainer(place.registry).remove({ force: true });
    const checkout = ownerOf(present) ?? request.checkout;
    port = await create({ place, ...request, checkout }, port ?? request.port);
  }
  await answers(docker, port, place.registry);
  return port;
}

/** The port of a registry that already runs here, from any image. */
export async function runningRegistry(docker: Docker, place = PLACE): Promise<number | undefined> {
  const present = await found(docker.getContainer(place.registry).inspect());
  return present?.State.Running ? portOf(present) : undefined;
}

/** What of the registry goes, and for whom. */
export interface Removal {
  /** Whether the images built on this machine go too; they make the next start quick. */
  images?: boolean;
  place?: Place;
  /** Folder of the checkout that needs it no more. */
  checkout: string;
}

/**
 * Removes the registry with everything published in it, and the network; nothing while a box is still on it, whether it
 * runs or not, or while the registry was made for another checkout that has stacks: one on a rented server has no box.
 *
 * @returns what was removed, for the summary
 */
export async function removeRegistry({ images, place = PLACE, checkout }: Removal): Promise<string[]> {
  const docker = engine();
  const removed: string[] = [];
  const remove = async (what: string, call: Promise<unknown>): Promise<void> => {
    if (await found(call.then(() => true))) removed.push(what);
  };
  const { registry, network } = place;
  // A box of another checkout on this machine still pulls from it; the network itself knows only running ones.
  const onIt = await docker.listContainers({ all: true, filters: { network: [network] } });
  if (onIt.some(({ Names }) => !Names.includes(`/${registry}`))) return removed;
  const owner = ownerOf(await found(docker.getContainer(registry).inspect()));
  if (owner !== undefined && owner !== checkout) return removed;
  await remove(`container ${registry}`, docker.getContainer(registry).remove({ force: true }));
  await remove(`volume ${registry}`, docker.getVolume(registry).remove());
  const present = await found(docker.getNetwork(network).inspect());
  if (present && Object.keys(present.Containers ?? {}).length === 0) {
    await remove(`network ${network}`, docker.getNetwork(network).remove());
  }
  if (images) removed.push(...(await removeImages(docker)));
  return removed;
}

/** The digest that the registry has under a tag; `undefined` when it doesn't know the tag. The engine asks it. */
export async function registryDigest(
  docker: Docker,
  port: number,
  repository: string,
  tag: string,
): Promise<string | undefined> {
  const image = docker.getImage(`127.0.0.1:${port}/${repository}:${tag}`);
  const answer = (await found(image.distribution())) as { Descriptor: { digest: string } } | undefined;
  return answer?.Descriptor.digest;
}

/** The checkout that a registry was made for, while it has stacks. */
export function ownerOf(registry: Docker.ContainerInspectInfo | undefined): string | undefined {
  const checkout = registry?.Config.Labels[CHECKOUT];
  return checkout && existsSync(join(checkout, ".fairlead", "state")) ? checkout : undefined;
}

/** A sweep holds the registry for a moment; one that was killed would hold it for ever. */
export async function awake(
  docker: Docker,
  name = PLACE.registry,
): Promise<Docker.ContainerInspectInfo | undefined> {
  const container = docker.getContainer(name);
  const deadline = Date.now() + SWEEP * 1000;
  for (;;) {
    const present = await found(container.inspect());
    if (!present?.State.Paused) return present;
    if (Date.now() > deadline || !(await sweeping(docker, name))) await container.unpause().catch(notPaused);
    else await sleep(100);
  }
}

/** Whether a sweep is at work. */
async function sweeping(docker: Docker, registry: string): Promise<boolean> {
  const sweeper = await found(docker.getContainer(`${registry}-sweep`).inspect());
  return sweeper !== undefined && (sweeper.State.Running || sweeper.State.Status === "created");
}

/** It went on by itself in between. */
function notPaused(error: unknown): void {
  if (statusOf(error) !== 409 && statusOf(error) !== 404 && !/not paused/.test(String(error))) throw error;
}

async function ensureNetwork(docker: Docker, name: string): Promise<void> {
  if (await found(docker.getNetwork(name).inspect())) return;
  try {
    await docker.createNetwork({ Name: name, CheckDuplicate: true, Labels: { [MANAGED]: "true" } });
  } catch (error) {
    // Another run made it in between.
    if (statusOf(error) !== 409) throw error;
  }
}

async function create(
  { docker, image, hash, place, checkout }: RegistryRequest & { place: Place },
  first: number,
): Promise<number> {
  for (let port = first; port < first + 50; port++) {
    const container = await docker.createContainer({
      name: place.registry,
      Image: image,
      Labels: { [MANAGED]: "true", [CONTENT]: hash, [CHECKOUT]: checkout },
      HostConfig: {
        NetworkMode: place.network,
        PortBindings: { [`${PORT}/tcp`]: [{ HostIp: "127.0.0.1", HostPort: String(port) }] },
        Mounts: [{ Type: "volume", Source: place.registry, Target: "/var/lib/registry" }],
        RestartPolicy: { Name: "unless-stopped" },
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        SecurityOpt: ["no-new-privileges"],
        PidsLimit: 200,
        LogConfig: { Type: "json-file", Config: { "max-size": "10m", "max-file": "3" } },
      },
      NetworkingConfig: { EndpointsConfig: { [place.network]: { Aliases: [ALIAS] } } },
    });
    try {
      await container.start();
      return port;
    } catch (error) {
      await container.remove({ force: true });
      if (!/port is already allocated|address already in use/.test(String(error))) throw error;
    }
  }
  throw new Error(`no port of 127.0.0.1 from ${first} to ${first + 49} is free for the registry; free one`);
}

async function answers(docker: Docker, port: number, name: string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    try {
      await registryDigest(docker, port, "none", "none");
      return;
    } catch (error) {
      if (Date.now() > deadline) {
        const log = await docker.getContainer(name).logs({ stdout: true, stderr: true, tail: 10 });
        throw new Error(
          `the registry on 127.0.0.1:${port} does not answer (${String(error)}):\n${String(log)}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function removeImages(docker: Docker): Promise<string[]> {
  const images = await docker.listImages({ filters: { label: [`${MANAGED}=true`] } });
  const names = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name !== "<none>:<none>");
  const removed: string[] = [];
  for (const name of names) {
    try {
      await docker.getImage(name).remove();
      removed.push(`image ${name}`);
    } catch (error) {
      // A container still runs from it.
      if (statusOf(error) !== 409 && statusOf(error) !== 404) throw error;
    }
  }
  return removed;
}

/** The port that a container publishes, or asked for while it is stopped. */
function portOf(container: Docker.ContainerInspectInfo | undefined): number | undefined {
  const bindings = container?.HostConfig.PortBindings as Record<string, { HostPort: string }[]> | undefined;
  const port = Number(bindings?.[`${PORT}/tcp`]?.[0]?.HostPort);
  return port > 0 ? port : undefined;
}
