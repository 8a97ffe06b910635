import { LOCAL_REGISTRY } from "./built.ts";
import type { StackConfig } from "./schema/index.ts";
import {
  neededServices,
  SERVICES,
  type ImageSet,
  type InfrastructureImage,
  type ServiceName,
} from "./services.ts";

export { LOCAL_REGISTRY };

/** The tag of an infrastructure image: the set's own unless another is asked for. */
export function infrastructureTag(set: ImageSet, image: InfrastructureImage, tag?: string): string {
  return tag ?? Object.values(SERVICES).find((row) => row.image === image)!.tags[set];
}

/** The reference of an infrastructure image, by tag. */
export function infrastructureImage(set: ImageSet, image: InfrastructureImage, tag?: string): string {
  const repository = set === "debian" ? `${LOCAL_REGISTRY}/${image}` : image;
  return `${repository}:${infrastructureTag(set, image, tag)}`;
}

/** The image of each service that a stack runs, by tag, and the setting that chooses it. */
export function infrastructureOf(
  config: StackConfig,
): { service: ServiceName; setting: string; reference: string }[] {
  return neededServices(config).map((service) => {
    const { image } = SERVICES[service];
    const reference = infrastructureImage(config.images, image, config.versions[image]);
    return { service, setting: `versions.${image}`, reference };
  });
}

/** Whether a tag such as `1.30.4-alpine` begins with that version or a later one; false for a tag without a version. */
export function isSince(tag: string, ...version: number[]): boolean {
  const found = /^\d+(\.\d+)*/.exec(tag)?.[0].split(".").map(Number);
  if (!found) return false;
  const differs = version.findIndex((part, index) => (found[index] ?? 0) !== part);
  return differs < 0 || (found[differs] ?? 0) > version[differs]!;
}

/** The reference of the box's image; this machine's engine reaches the same registry under an address of its own. */
export const BOX_IMAGE = `${LOCAL_REGISTRY}/box:bookworm`;

/** Whether a stack pulls anything from the local registry: our own images, or that of the box. */
export function usesRegistry({
  images,
  server,
  apps,
}: Pick<StackConfig, "images" | "server" | "apps">): boolean {
  const own = Object.values(apps).some(({ image }) => isOurs(image));
  return own || images === "debian" || server.address === undefined;
}

/** Whether a stack runs anything that this project makes from Debian's packages. */
export function usesDebianImages(
  { images, server, apps }: Pick<StackConfig, "images" | "server" | "apps">,
  made: readonly string[],
): boolean {
  const own = Object.values(apps).some(
    ({ image }) => isOurs(image) && made.includes(repository(image).slice(LOCAL_REGISTRY.length + 1)),
  );
  return own || images === "debian" || server.address === undefined;
}

/** Where a rented server finds the registry of this machine during an update: a port of its own loopback, over SSH. */
export const OFFERED_REGISTRY = { host: "127.0.0.1", port: 5959 };

/** Where a rented server reaches the registry of this machine; `undefined` when it pulls nothing from there, and for a box. */
export function serverRegistry(config: StackConfig): string | undefined {
  const { server, apps, releases } = config;
  if (server.address === undefined || server.registry !== undefined) return server.registry;
  const references = [
    ...infrastructureOf(config).map(({ reference }) => reference),
    ...Object.values(apps).map(({ image }) => image),
    ...Object.values(releases).flatMap((traffic) => traffic.map(({ image }) => image)),
  ];
  const { host, port } = OFFERED_REGISTRY;
  return references.some(isOurs) ? `${host}:${port}` : undefined;
}

/** Whether a reference names an image in the registry of this machine: the project's own, and applications built here. */
export function isOurs(reference: string): boolean {
  return reference.startsWith(`${LOCAL_REGISTRY}/`);
}

/** A reference as a server pulls it: our own images come from where the server reaches the registry (`server.registry`). */
export function pulledFrom(reference: string, registry: string | undefined): string {
  return registry && isOurs(reference) ? reference.replace(LOCAL_REGISTRY, registry) : reference;
}

/** Repository of a reference: without tag and digest. A colon before the last slash belongs to the registry's port. */
export function repository(reference: string): string {
  const name = reference.split("@")[0]!;
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}

/** Digest of a reference, when it carries one. */
export function digestOf(reference: string): string | undefined {
  return reference.split("@")[1];
}

/** `repository@sha256:…`, from the reference itself or from the recorded digests; `undefined` when neither has a digest. */
export function pin(reference: string, digests: Readonly<Record<string, string>>): string | undefined {
  const digest = digestOf(reference) ?? digests[reference];
  return digest && `${repository(reference)}@${digest}`;
}

/** The registry of a reference, as `registries` names it; `docker.io` where it names none. */
export function registryOf(reference: string): string {
  const [first = "", ...rest] = repository(reference).split("/");
  const named = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  return !named || HUB.includes(first) ? "docker.io" : first;
}

/** Names of Docker Hub. */
export const HUB = ["docker.io", "index.docker.io", "registry-1.docker.io"];
