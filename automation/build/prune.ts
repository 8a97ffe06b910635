import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type Docker from "dockerode";
import { isOurs, repository } from "../../config/images.ts";
import { engine, found, statusOf } from "../images/engine.ts";
import { PLACE, runningRegistry, type Place } from "../images/registry.ts";
import { isQuiet, sweep } from "../images/sweep.ts";
import { FOLDERS, type Folders } from "../lib/stack-file-edit.ts";
import { claimant, tagsOf, takeOut } from "./claims.ts";
import { BUILT_FOR } from "./labels.ts";
import { repositoryOf } from "./local.ts";
import { oldBuilds } from "./old.ts";

/** Whose old builds go. */
export interface PruneRequest {
  stack: string;
  app: string;
  /** The application's image as the stack file names it. */
  image: string;
  /** What runs, by digest. */
  running: readonly string[];
  /** How many builds before the last one stay. */
  keep: number;
  folders?: Folders;
  place?: Place;
  /** Seconds for which nobody may have published anything. */
  quiet?: number;
}

/** What went, or why nothing did. */
export interface Pruned {
  /** `repository@sha256:…` */
  removed: string[];
  busy?: boolean;
}

/**
 * Removes old builds of one application from this machine: from its registry, where only this stack has claimed them, and
 * from its engine. Nothing that a stack file of this checkout names, nothing of other stacks, and no registry elsewhere.
 */
export async function pruneBuilds(request: PruneRequest): Promise<Pruned> {
  const docker = engine();
  const text = [namedIn(request.folders ?? FOLDERS), ...request.running].join("\n");
  const named = (digest: string): boolean => text.includes(digest);
  return isOurs(request.image) ? inRegistry(docker, request, named) : onEngine(docker, request, named);
}

async function inRegistry(
  docker: Docker,
  { stack, app, image, keep, quiet, folders = FOLDERS, place = PLACE }: PruneRequest,
  named: (digest: string) => boolean,
): Promise<Pruned> {
  const port = await runningRegistry(docker, place);
  if (port === undefined) return { removed: [] };
  const local = repositoryOf(image, port);
  const who = claimant(folders.root, stack);
  const old = oldBuilds({ tags: await tagsOf(local), who, keep, named });
  if (old.length === 0) return { removed: [] };
  if (!(await isQuiet(docker, quiet, place))) return { removed: [], busy: true };
  for (const digest of old) await takeOut(local, digest);
  await sweep(docker, place);
  const removed = old.map((digest) => `${local.registry}/${local.name}@${digest}`);
  for (const reference of removed) await letGo(docker, reference, app);
  return { removed };
}

/** What was pushed to a repository elsewhere is there; only this engine's copies of it go. */
async function onEngine(
  docker: Docker,
  { app, image, keep }: PruneRequest,
  named: (digest: string) => boolean,
): Promise<Pruned> {
  const built = await docker.listImages({ filters: { label: [`${BUILT_FOR}=${app}`] } });
  const references = built
    .filter(({ RepoTags }) => !RepoTags?.some((tag) => tag !== "<none>:<none>"))
    .sort((a, b) => b.Created - a.Created)
    .flatMap(({ RepoDigests }) => {
      const [first, ...more] = RepoDigests ?? [];
      return first && more.length === 0 && repository(first) === repository(image) ? [first] : [];
    })
    .slice(keep);
  const removed: string[] = [];
  for (const reference of references) {
    if (named(reference.split("@")[1]!)) continue;
    if (await letGo(docker, reference, app)) removed.push(reference);
  }
  return { removed };
}

/** The engine's copy, unless a container needs it, or it isn't what was built for the application. */
async function letGo(docker: Docker, reference: string, app: string): Promise<boolean> {
  const image = docker.getImage(reference);
  const present = await found(image.inspect());
  if (present?.Config.Labels?.[BUILT_FOR] !== app) return false;
  try {
    await image.remove();
    return true;
  } catch (error) {
    if (statusOf(error) === 409 || statusOf(error) === 404) return false;
    throw error;
  }
}

/** Everything that names images of a checkout's stacks: their files, and what is known of what ran. */
function namedIn({ root, local }: Folders): string {
  const files = readdirSync(root).filter((name) => /^Pulumi\..+\.ya?ml$/.test(name));
  const known = existsSync(local)
    ? readdirSync(local, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && entry.name !== "state")
        .flatMap(({ name }) => readdirSync(join(local, name)).map((file) => join(local, name, file)))
        .filter((path) => path.endsWith(".json"))
    : [];
  return [...files.map((name) => join(root, name)), ...known]
    .map((path) => readFileSync(path, "utf8"))
    .join("\n");
}
