import { request } from "undici";
import { engine } from "../images/engine.ts";
import { PLACE, runningRegistry, type Place } from "../images/registry.ts";
import { isQuiet, sweep, untag } from "../images/sweep.ts";
import { FOLDERS, type Folders } from "../lib/stack-file-edit.ts";
import { BOUND, claimant, claimedAt, tagsOf, takeOut } from "./claims.ts";
import { oldBuilds } from "./old.ts";
import { namedIn } from "./prune.ts";

/** Where a stack has its files and the registry is. */
interface UnclaimOptions {
  folders: Folders;
  place: Place;
  /** Seconds for which nobody may have published anything before the registry frees its disk. */
  quiet?: number;
}

/**
 * What a stack that goes has claimed in this machine's registry: images that nobody else has claimed, and that no other stack of
 * this checkout names, leave it, and from the others the stack's own tags go, so that they can leave once nobody claims them.
 * @param stack its stack file names nothing any more that was recorded there
 */
export async function unclaim(
  stack: string,
  { folders, place, quiet }: UnclaimOptions = { folders: FOLDERS, place: PLACE },
): Promise<void> {
  const docker = engine();
  const port = await runningRegistry(docker, place);
  if (port === undefined) return;
  const who = claimant(folders.root, stack);
  const text = namedIn(folders, stack);
  const named = (digest: string): boolean => text.includes(digest);
  const registry = `127.0.0.1:${port}`;
  let left = false;
  for (const name of await repositories(registry)) {
    const repository = { registry, name };
    const tags = await tagsOf(repository);
    const mine = tags.filter(({ tag }) => claimedAt(tag, who) !== undefined);
    if (mine.length === 0) continue;
    const alone = oldBuilds({ tags, who, keep: -1, named });
    const shared = mine.filter(({ digest }) => !alone.includes(digest)).map(({ tag }) => tag);
    await untag(docker, name, shared, place);
    for (const digest of alone) await takeOut(repository, digest);
    left ||= alone.length > 0;
  }
  // Somebody may be publishing just now; what isn't needed any more then goes with the next old builds.
  if (left && (await isQuiet(docker, quiet, place))) await sweep(docker, place);
}

/** As many names as a registry gives at once. */
const MOST = 1000;

/** Every repository, of whatever checkout. */
async function repositories(registry: string): Promise<string[]> {
  const names: string[] = [];
  for (;;) {
    const page = new URLSearchParams({ n: String(MOST), last: names.at(-1) ?? "" });
    const { statusCode, body } = await request(`http://${registry}/v2/_catalog?${page.toString()}`, BOUND);
    const { repositories: found } = (await body.json()) as { repositories?: string[] | null };
    if (statusCode !== 200)
      throw new Error(`the registry on ${registry} answered ${statusCode} when asked what it has`);
    names.push(...(found ?? []));
    if ((found ?? []).length < MOST) return names;
  }
}
