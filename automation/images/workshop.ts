import { join } from "node:path";
import type Docker from "dockerode";
import { buildBase } from "./base.ts";
import { buildImage, pushImage } from "./build.ts";
import { hasImage } from "./engine.ts";
import { packageAccess, type PackageAccess } from "./machine.ts";
import { contentTag, isSuite, localName, repositoryAndTag } from "./names.ts";
import type { Recipe } from "./recipe.ts";
import { ensureRegistry, registryDigest } from "./registry.ts";
import { slots } from "./slots.ts";

/** Builds and publishes, two at a time, everything once. */
export class Workshop {
  private readonly inSlot = slots(2);
  private readonly built = new Map<string, Promise<void>>();
  private access: Promise<PackageAccess> | undefined;
  private readonly docker: Docker;
  private readonly onProgress: (line: string) => void;
  private readonly signal: AbortSignal | undefined;

  constructor(docker: Docker, onProgress: (line: string) => void, signal?: AbortSignal) {
    this.docker = docker;
    this.onProgress = onProgress;
    this.signal = signal;
  }

  /** The registry's port, once it answers. */
  async registry(recipe: Recipe, port: number): Promise<number> {
    await this.ensure(recipe);
    const image = localName(recipe.name, recipe.hash.slice(0, 24));
    return ensureRegistry({ docker: this.docker, image, hash: recipe.hash, port });
  }

  /** The digest of an image that the registry has under this tag, after building and pushing it if it hadn't. */
  async publish(recipe: Recipe, tag: string, registry: Promise<number>): Promise<string> {
    const { name, hash } = recipe;
    const port = await registry;
    const digest = (label: string): Promise<string | undefined> =>
      registryDigest(this.docker, port, name, label);
    const [content, current] = await Promise.all([digest(contentTag(hash)), digest(tag)]);
    if (content && content === current) return content;
    await this.ensure(recipe);
    const start = Date.now();
    await this.inSlot(() =>
      pushImage(this.docker, { name, hash, tags: [contentTag(hash), tag], port }, this.signal),
    );
    const pushed = await digest(tag);
    if (!pushed)
      throw new Error(`the registry on 127.0.0.1:${port} took ${name}:${tag} but does not know it`);
    this.onProgress(`${name}:${tag}: published in ${seconds(start)}`);
    return pushed;
  }

  /** Makes sure that this machine's engine has the image of a recipe. */
  private ensure(recipe: Recipe): Promise<void> {
    let built = this.built.get(recipe.hash);
    if (!built) this.built.set(recipe.hash, (built = this.build(recipe)));
    return built;
  }

  private async build(recipe: Recipe): Promise<void> {
    const { name, hash, files, buildArgs, parent } = recipe;
    const { docker, onProgress, signal } = this;
    const image = localName(name, hash.slice(0, 24));
    if (!(await hasImage(docker, image))) {
      if (parent) await this.ensure(parent);
      const access = await (this.access ??= packageAccess());
      await this.inSlot(async () => {
        signal?.throwIfAborted();
        const start = Date.now();
        if (isSuite(name)) {
          await buildBase({ ...{ docker, suite: name, hash, access, onProgress, signal }, folder: BASE });
        } else {
          await buildImage({ docker, name, hash, files, buildArgs, access, onProgress, signal });
        }
        onProgress(`${name}: built in ${seconds(start)}`);
      });
    }
    // The name by which the Dockerfiles of others build on it.
    await docker.getImage(image).tag(repositoryAndTag(localName(name)));
  }
}

const BASE = join(__dirname, "..", "..", "images", "base");

const seconds = (start: number): string => `${((Date.now() - start) / 1000).toFixed(1)} s`;
