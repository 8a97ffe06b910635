import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { Archive, Asset, Secret, type Props, type Value } from "../providers/contract.ts";
import { filesOf, hashFile, tarHash, type Member } from "./tarHash.ts";
import { isObject } from "./value.ts";

/** Fills in the SHA-256 of assets and archives, as the official engine computes it. Relative paths start at `root`. */
export async function hashAssets(props: Props, root: string): Promise<Props> {
  return (await hashValue(props, root)) as Props;
}

async function hashValue(value: Value, root: string): Promise<Value> {
  if (value instanceof Asset) return new Asset(value.source, value.hash || (await hashAsset(value, root)));
  if (value instanceof Archive)
    return new Archive(value.source, value.hash || (await hashArchive(value, root)));
  if (value instanceof Secret) return new Secret(await hashValue(value.value, root));
  if (Array.isArray(value)) return Promise.all(value.map((v) => hashValue(v, root)));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(async ([k, v]) => [k, await hashValue(v, root)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

async function hashAsset(asset: Asset, root: string): Promise<string> {
  const hash = createHash("sha256");
  if (asset.source.text !== undefined) hash.update(asset.source.text);
  else await hashFile(hash, pathOf(asset, root));
  return hash.digest("hex");
}

/** An archive file hashes as its bytes; a folder or a set of members as a tar of them. */
async function hashArchive(archive: Archive, root: string): Promise<string> {
  if (archive.source.assets) return tarHash(await membersOf(archive.source.assets, root));
  const path = pathOf(archive, root);
  if (!(await stat(path)).isFile()) return tarHash(await filesOf(path));
  const hash = createHash("sha256");
  await hashFile(hash, path);
  return hash.digest("hex");
}

async function membersOf(
  assets: Record<string, Asset | Archive>,
  root: string,
  prefix = "",
): Promise<Member[]> {
  const members: Member[] = [];
  for (const key of Object.keys(assets).sort()) {
    const member = assets[key] as Asset | Archive;
    const name = prefix + key;
    if (member instanceof Archive && member.source.assets) {
      members.push(...(await membersOf(member.source.assets, root, `${name}/`)));
    } else if (member instanceof Asset && member.source.text !== undefined) {
      members.push({ name, text: member.source.text });
    } else {
      const path = pathOf(member, root);
      members.push(...((await stat(path)).isFile() ? [{ name, path }] : await filesOf(path, name)));
    }
  }
  return members;
}

function pathOf({ source }: Asset | Archive, root: string): string {
  if (source.path !== undefined) return resolve(root, source.path);
  throw new Error(
    `asset ${source.uri ?? "without source"}: remote assets aren't supported here; use a local file`,
  );
}
