import { createHash } from "node:crypto";
import { request } from "undici";
import { MANIFESTS } from "../setup/resolve-digest.ts";

/** How long the registry of this machine may take to answer, milliseconds. */
const BOUND = { headersTimeout: 30_000, bodyTimeout: 30_000 };

/** A repository in the registry of this machine. */
export interface Repository {
  /** `127.0.0.1:<port>` */
  registry: string;
  /** `built/<app>` */
  name: string;
}

/** A tag and what it names. */
export interface Tagged {
  tag: string;
  /** `sha256:…` */
  digest: string;
}

/**
 * Who a stack is among all stacks of all checkouts on this machine, whose applications may have the same name and so the same
 * repository.
 */
export function claimant(checkout: string, stack: string): string {
  return createHash("sha256").update(`${checkout}\0${stack}`).digest("hex").slice(0, 12);
}

const prefix = (who: string): string => `for-${who}-`;

/** When a tag was set by which a stack claims an image, milliseconds since 1970; `undefined` for anybody else's tag. */
export function claimedAt(tag: string, who: string): number | undefined {
  if (!tag.startsWith(prefix(who))) return undefined;
  const time = Number(tag.slice(prefix(who).length));
  return Number.isSafeInteger(time) ? time : undefined;
}

/** Every tag of a repository; none when there is no such repository. */
export async function tagsOf(repository: Repository): Promise<Tagged[]> {
  const { statusCode, body } = await request(`${urlOf(repository)}/tags/list`, BOUND);
  const listed = (await body.json()) as { tags?: string[] | null };
  if (statusCode === 404) return [];
  if (statusCode !== 200) throw unexpected(repository, "its tags", statusCode);
  const found = (listed.tags ?? []).map(async (tag) => ({ tag, digest: await digestOfTag(repository, tag) }));
  return (await Promise.all(found)).filter((one): one is Tagged => one.digest !== undefined);
}

/**
 * Sets a tag that says that this stack needs an image, and since when. What no stack needs may go.
 * @returns false when the registry doesn't have the image
 */
export async function claim(
  repository: Repository,
  digest: string,
  who: string,
  now = Date.now(),
): Promise<boolean> {
  const mine = (await tagsOf(repository)).flatMap(({ tag, digest: named }) => {
    const time = claimedAt(tag, who);
    return time === undefined ? [] : [{ time, named }];
  });
  if (mine.sort((a, b) => a.time - b.time).at(-1)?.named === digest) return true;
  const manifest = `${urlOf(repository)}/manifests`;
  const read = await request(`${manifest}/${digest}`, { headers: { accept: MANIFESTS }, ...BOUND });
  const content = await read.body.text();
  if (read.statusCode === 404) return false;
  if (read.statusCode !== 200) throw unexpected(repository, digest, read.statusCode);
  const written = await request(`${manifest}/${prefix(who)}${now}`, {
    method: "PUT",
    headers: { "content-type": String(read.headers["content-type"]) },
    body: content,
    ...BOUND,
  });
  await written.body.dump();
  if (written.statusCode !== 201) throw unexpected(repository, "another tag", written.statusCode);
  return true;
}

/** Takes an image out of a repository, with every tag that names it. */
export async function takeOut(repository: Repository, digest: string): Promise<void> {
  const url = `${urlOf(repository)}/manifests/${digest}`;
  const { statusCode, body } = await request(url, { method: "DELETE", ...BOUND });
  await body.dump();
  if (statusCode !== 202 && statusCode !== 404) throw unexpected(repository, digest, statusCode);
}

async function digestOfTag(repository: Repository, tag: string): Promise<string | undefined> {
  const url = `${urlOf(repository)}/manifests/${tag}`;
  const { statusCode, headers } = await request(url, {
    method: "HEAD",
    headers: { accept: MANIFESTS },
    ...BOUND,
  });
  const digest = headers["docker-content-digest"];
  if (statusCode === 404) return undefined;
  if (statusCode === 200 && typeof digest === "string") return digest;
  throw unexpected(repository, tag, statusCode);
}

const urlOf = ({ registry, name }: Repository): string => `http://${registry}/v2/${name}`;

const unexpected = ({ registry, name }: Repository, what: string, status: number): Error =>
  new Error(`the registry on ${registry} answered ${status} when asked for ${what} of ${name}`);
