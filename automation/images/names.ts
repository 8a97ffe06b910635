import { BOX_IMAGE, infrastructureImage, LOCAL_REGISTRY, repository } from "../../config/images.ts";
import { INFRASTRUCTURE_IMAGES } from "../../config/services.ts";

/** Debian releases that our images stand on; `mmdebstrap` makes these bases. */
export const SUITES = ["bookworm", "trixie"] as const;

/** Images of the sample applications, which exist in variants. */
export const APPLICATIONS = ["backend", "frontend"] as const;

/** What a stack pulls from the local registry. */
export const PUBLISHED = ["box", ...INFRASTRUCTURE_IMAGES, ...APPLICATIONS] as const;

/** Every image that is made here. */
export const IMAGES = [...SUITES, "registry", "node", "pebble", "bench", ...PUBLISHED] as const;

export type Suite = (typeof SUITES)[number];
export type ApplicationName = (typeof APPLICATIONS)[number];
/** An image that {@link publishImages} publishes. */
export type ImageName = (typeof PUBLISHED)[number];
/** Any image with a folder in `images/`, and the bases. */
export type BuiltName = (typeof IMAGES)[number];

export const isSuite = (name: string): name is Suite => (SUITES as readonly string[]).includes(name);

export const isApplication = (name: string): name is ApplicationName =>
  (APPLICATIONS as readonly string[]).includes(name);

/**
 * The name under which this machine's engine keeps an image that it built itself. No registry answers at
 * `localhost/…` without a port, so that a missing image is never looked for on the internet.
 */
export const localName = (name: BuiltName, tag = "latest"): string => `localhost/fairlead/${name}:${tag}`;

/** A name and its tag apart, as the engine wants them. */
export function repositoryAndTag(name: string): { repo: string; tag: string } {
  const repo = repository(name);
  return { repo, tag: name.slice(repo.length + 1) };
}

/** Reference of a published image as a stack writes it: `registry.fairlead.internal:5000/<name>:<tag>`. */
export function publishedReference(name: ImageName, tag: string): string {
  return `${LOCAL_REGISTRY}/${name}:${tag}`;
}

/**
 * Tag of a published image: the version that Debian ships, the application's own version, or for the box its Debian.
 *
 * @param applicationVersion version of the sample application, from its package.json
 */
export function publishedTag(name: ImageName, applicationVersion: (name: ApplicationName) => string): string {
  if (isApplication(name)) return applicationVersion(name);
  return repositoryAndTag(name === "box" ? BOX_IMAGE : infrastructureImage("debian", name)).tag;
}

/** The tag by which an image of exactly this content is found in the registry. */
export const contentTag = (hash: string): string => `content-${hash.slice(0, 24)}`;
