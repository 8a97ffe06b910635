import { execa } from "execa";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { contextHash, readContext, type ContextFile } from "./context.ts";
import { parentOf } from "./dockerfile.ts";
import { isApplication, isSuite, type ApplicationName, type BuiltName } from "./names.ts";

/** Everything that an image is made from. */
export interface Recipe {
  name: BuiltName;
  files: ContextFile[];
  buildArgs: Record<string, string>;
  /** Absent for a base, and for what stands on an official image. */
  parent?: Recipe;
  /** Identity of the content, with that of the parent in it. */
  hash: string;
}

/** Reads recipes from the repository, each folder once. */
export class Recipes {
  private readonly read = new Map<string, Promise<Recipe>>();
  private readonly bundled = new Map<string, Promise<ContextFile[]>>();
  private readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** The recipe of an image; an application gets its version as the build argument `VERSION`. */
  get(name: BuiltName, buildArgs: Readonly<Record<string, string>> = {}): Promise<Recipe> {
    const key = JSON.stringify([name, Object.entries(buildArgs).sort()]);
    let recipe = this.read.get(key);
    if (!recipe) this.read.set(key, (recipe = this.load(name, buildArgs)));
    return recipe;
  }

  /**
   * The registry's recipe: from Debian's packages, or from the official image on a machine that has no tools to make a Debian.
   */
  async registry(debian: boolean): Promise<Recipe> {
    if (debian) return this.get("registry");
    const images = join(this.root, "images");
    const [own, shared] = await Promise.all([
      readContext(join(images, "official-registry")),
      readContext(join(images, "registry")),
    ]);
    const files = [...own, ...shared.filter(({ path }) => path === "config.yml")];
    return { name: "registry", files, buildArgs: {}, hash: contextHash(files) };
  }

  /** Version in the package.json of a sample application. */
  async version(name: ApplicationName): Promise<string> {
    const path = join(this.application(name), "package.json");
    const { version } = JSON.parse(await readFile(path, "utf8")) as { version?: unknown };
    if (typeof version === "string") return version;
    throw new Error(`${path}: expected a "version", which becomes the image's tag, found ${String(version)}`);
  }

  private async load(name: BuiltName, buildArgs: Readonly<Record<string, string>>): Promise<Recipe> {
    if (isSuite(name)) {
      const files = await readContext(join(this.root, "images", "base"));
      return { name, files, buildArgs: {}, hash: contextHash(files, { suite: name }) };
    }
    const folder = join(this.root, "images", name);
    const files = await readContext(folder);
    const args = { ...buildArgs };
    if (isApplication(name)) {
      args.VERSION ??= await this.version(name);
      files.push(...(await this.bundle(name)));
    }
    const dockerfile = files.find(({ path }) => path === "Dockerfile");
    if (!dockerfile) throw new Error(`${folder}: expected a Dockerfile`);
    const parent = await this.get(parentOf(dockerfile.content.toString(), join(folder, "Dockerfile")));
    return { name, files, buildArgs: args, parent, hash: contextHash(files, args, parent.hash) };
  }

  /** Bundles a sample application anew, once, so that the image is never older than its source. */
  private bundle(name: ApplicationName): Promise<ContextFile[]> {
    let files = this.bundled.get(name);
    if (!files) this.bundled.set(name, (files = bundle(this.application(name))));
    return files;
  }

  private application(name: ApplicationName): string {
    return join(this.root, "examples", "apps", name);
  }
}

async function bundle(folder: string): Promise<ContextFile[]> {
  await execa(process.execPath, ["build.mjs"], { cwd: folder, timeout: 600_000 });
  return readContext(join(folder, "dist"), "dist/");
}
