import { resolve } from "node:path";
import { engine } from "./engine.ts";
import { BOX_IMAGE } from "../../config/images.ts";
import {
  localName,
  publishedReference,
  publishedTag,
  type ApplicationName,
  type BuiltName,
  type ImageName,
} from "./names.ts";
import { canMakeDebian } from "./machine.ts";
import { Recipes } from "./recipe.ts";
import { awake, PLACE, runningRegistry } from "./registry.ts";
import { Workshop } from "./workshop.ts";

export { removeRegistry } from "./registry.ts";
export type { ImageName } from "./names.ts";

/** An application's image with other build arguments and a tag of its own. */
export interface Variant {
  name: ApplicationName;
  tag: string;
  /** `VERSION`, and for tests `FAULT`. */
  buildArgs: Record<string, string>;
}

/** What is to be in the registry. */
export interface PublishRequest {
  names: ImageName[];
  variants?: Variant[];
  /** Called with one line for each step. */
  onProgress: (line: string) => void;
  signal?: AbortSignal;
  /** Builds everything again, with the packages that Debian has today; otherwise only what has changed here. */
  rebuild?: boolean;
  /** Port of this machine's loopback for the registry, 5000 by default; the next free one when it is taken. */
  port?: number;
  /** Root of the repository. */
  root?: string;
}

/**
 * Makes sure that the local registry runs and has these images, building only what has changed.
 *
 * @returns digest (`sha256:…`) by reference (`registry.fairlead.internal:5000/<name>:<tag>`)
 * @throws Error naming the image, with the last lines of the build that failed
 */
export async function publishImages(request: PublishRequest): Promise<Record<string, string>> {
  const { names, variants = [] } = request;
  const docker = engine();
  const root = request.root ?? resolve(__dirname, "..", "..");
  const recipes = new Recipes(root);
  const workshop = new Workshop({ ...request, docker });
  const versions = { backend: await recipes.version("backend"), frontend: await recipes.version("frontend") };
  const wanted = [
    ...names.map((name) => ({ name, tag: publishedTag(name, (app) => versions[app]), buildArgs: {} })),
    ...variants,
  ];
  const made = await Promise.all(
    wanted.map(async ({ name, tag, buildArgs }) => ({ tag, recipe: await recipes.get(name, buildArgs) })),
  );
  const debian = canMakeDebian();
  const running = await runningRegistry(docker);
  const fresh = request.rebuild || running === undefined;
  // One that runs may be from Debian's packages, by a program that shares this engine and has the tools: it does as well.
  const port =
    debian || running === undefined
      ? workshop.registry(await recipes.registry(debian), request.port ?? 5000, root)
      : awake(docker).then(() => running);
  const begun = fresh ? workshop.begin(made.map(({ recipe }) => recipe)) : undefined;
  const published = made.map(({ tag, recipe }) => workshop.publish(recipe, tag, port));
  // Nothing goes on behind the caller's back once one of them has failed.
  const settled = await Promise.allSettled([port, begun, ...published]);
  const failed = settled.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
  const digests = await Promise.all(published);
  return Object.fromEntries(wanted.map(({ name, tag }, at) => [publishedReference(name, tag), digests[at]!]));
}

/**
 * Makes sure that this machine's engine has an image that no stack pulls.
 *
 * @returns its name on this machine's engine
 * @throws Error naming the image, with the last lines of the build that failed
 */
export async function buildLocally(name: BuiltName, onProgress: (line: string) => void): Promise<string> {
  const recipe = await new Recipes(resolve(__dirname, "..", "..")).get(name);
  await new Workshop({ docker: engine(), onProgress }).ensure(recipe);
  return localName(name, recipe.hash.slice(0, 24));
}

/**
 * The box's image as this machine's engine pulls it: `127.0.0.1:<port>/box@sha256:…`.
 *
 * @param digests what {@link publishImages} returned
 * @throws Error when the box isn't among them, or no registry runs here
 */
export async function boxReference(digests: Readonly<Record<string, string>>): Promise<string> {
  const digest = digests[BOX_IMAGE];
  if (!digest) throw new Error(`${BOX_IMAGE}: no digest known; publish the image "box" first`);
  return `${await registryAddress()}/box@${digest}`;
}

/**
 * Where this machine's engine reaches the registry: `127.0.0.1:<port>`.
 *
 * @throws Error when the registry doesn't run
 */
export async function registryAddress(): Promise<string> {
  return `127.0.0.1:${await registryPort()}`;
}

/**
 * The registry's port on this machine's loopback.
 *
 * @throws Error when the registry doesn't run
 */
export async function registryPort(): Promise<number> {
  const port = await runningRegistry(engine());
  if (port === undefined)
    throw new Error(`${PLACE.registry}: the registry does not run; publish images first`);
  return port;
}
