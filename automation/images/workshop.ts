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

/** What a {@link Workshop} works with. */
export interface WorkshopOptions {
  docker: Docker;
  onProgress: (line: string) => void;
  signal?: AbortSignal;
  /** Builds everything again, with the packages that Debian has today. */
  rebuild?: boolean;
}

/** Builds and publishes, two at a time, everything once. */
export class Workshop {
  private readonly inSlot = slots(2);
  private readonly built = new Map<string, Promise<void>>();
  private access: Promise<PackageAccess> | undefined;
  private readonly docker: Docker;
  private readonly options: WorkshopOptions;

  constructor(options: WorkshopOptions) {
    this.docker = options.docker;
    this.options = options;
  }

  /** Begins with the bases of these recipes, for a machine on which there is nothing yet. */
  async begin(recipes: readonly Recipe[]): Promise<void> {
    await Promise.all(recipes.map((recipe) => this.ensure(baseOf(recipe))));
  }

  /** The registry's port, once it answers. */
  async registry(recipe: Recipe, port: number, checkout: string): Promise<number> {
    await this.ensure(recipe);
    const image = localName(recipe.name, recipe.hash.slice(0, 24));
    return ensureRegistry({ docker: this.docker, image, hash: recipe.hash, port, checkout });
  }

  /** The digest of an image that the registry has under this tag, after building and pushing it if it hadn't. */
  async publish(recipe: Recipe, tag: string, registry: Promise<number>): Promise<string> {
    const { name, hash } = recipe;
    const port = await registry;
    const digest = (label: string): Promise<string | undefined> =>
      registryDigest(this.docker, port, name, label);
    const [content, current] = await Promise.all([digest(contentTag(hash)), digest(tag)]);
    if (content && content === current && !this.options.rebuild) return content;
    await this.ensure(recipe);
    const start = Date.now();
    await this.inSlot(() =>
      pushImage(this.docker, { name, hash, tags: [contentTag(hash), tag], port }, this.options.signal),
    );
    const pushed = await digest(tag);
    if (!pushed)
      throw new Error(`the registry on 127.0.0.1:${port} took ${name}:${tag} but does not know it`);
    this.options.onProgress(`${name}:${tag}: published in ${seconds(start)}`);
    return pushed;
  }

  /** Makes sure that this machine's engine has the image of a recipe. */
  ensure(recipe: Recipe): Promise<void> {
    let built = this.built.get(recipe.hash);
    if (!built) this.built.set(recipe.hash, (built = this.build(recipe)));
    return built;
  }

  private async build(recipe: Recipe): Promise<void> {
    const { name, hash, files, buildArgs, parent } = recipe;
    const { docker, onProgress, signal, rebuild } = this.options;
    const image = localName(name, hash.slice(0, 24));
    if (!rebuild && (await hasImage(docker, image))) return;
    if (parent) await this.ensure(parent);
    const access = await (this.access ??= packageAccess());
    await this.inSlot(async () => {
      signal?.throwIfAborted();
      const start = Date.now();
      if (parent) {
        // The name by which the Dockerfile builds on it.
        const from = docker.getImage(localName(parent.name, parent.hash.slice(0, 24)));
        await from.tag(repositoryAndTag(localName(parent.name)));
      }
      const common = { docker, hash, access, onProgress, signal };
      if (isSuite(name)) await buildBase({ ...common, suite: name, folder: BASE });
      else await buildImage({ ...common, name, files, buildArgs, noCache: rebuild });
      onProgress(`${name}: built in ${seconds(start)}`);
    });
  }
}

const baseOf = (recipe: Recipe): Recipe => (recipe.parent ? baseOf(recipe.parent) : recipe);

const BASE = join(__dirname, "..", "..", "images", "base");

const seconds = (start: number): string => `${((Date.now() - start) / 1000).toFixed(1)} s`;
