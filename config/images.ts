import type { Infrastructure, ImageSet } from "./schema/images.ts";
import type { StackConfig } from "./schema/index.ts";

/** Where images that we build ourselves are published; a name on the private network of the boxes. */
export const LOCAL_REGISTRY = "registry.fairlead.internal:5000";

/**
 * Exact default tags. Official ones follow the requirements' majors (D1, C1, E1), the last ones that Docker's list of
 * official images had on 2026-08-22 (github.com/docker-library/official-images, 37079fb);
 * our own set carries the version that Debian ships (bookworm: Postgres 15, Redis 7.0; trixie: HAProxy 3.0, Nginx 1.26).
 */
const TAGS: Record<ImageSet, Record<Infrastructure, string>> = {
  official: {
    postgres: "15.19-alpine",
    redis: "7.4.11-alpine",
    haproxy: "3.0.26-alpine",
    nginx: "1.30.4-alpine",
  },
  debian: { postgres: "15", redis: "7.0", haproxy: "3.0", nginx: "1.26" },
};

/** The tag of an infrastructure image: the set's own unless another is asked for. */
export function infrastructureTag(set: ImageSet, name: Infrastructure, tag?: string): string {
  return tag ?? TAGS[set][name];
}

/** The reference of an infrastructure image, by tag. */
export function infrastructureImage(set: ImageSet, name: Infrastructure, tag?: string): string {
  const repository = set === "debian" ? `${LOCAL_REGISTRY}/${name}` : name;
  return `${repository}:${infrastructureTag(set, name, tag)}`;
}

/** Whether a tag such as `1.30.4-alpine` begins with that version or a later one; not for a tag that tells none. */
export function isSince(tag: string, ...version: number[]): boolean {
  const found = /^\d+(\.\d+)*/.exec(tag)?.[0].split(".").map(Number);
  if (!found) return false;
  const place = version.findIndex((part, index) => (found[index] ?? 0) !== part);
  return place < 0 || (found[place] ?? 0) > version[place]!;
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

/** Whether a reference names an image that this project builds and publishes. */
export function isOurs(reference: string): boolean {
  return reference.startsWith(`${LOCAL_REGISTRY}/`);
}

/** A reference as a server pulls it: what is ours, from where the server reaches the registry (`server.registry`). */
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

/** `repository@sha256:…`, from the reference itself or from the recorded digests; `undefined` when neither knows it. */
export function pin(reference: string, digests: Readonly<Record<string, string>>): string | undefined {
  const digest = digestOf(reference) ?? digests[reference];
  return digest && `${repository(reference)}@${digest}`;
}
