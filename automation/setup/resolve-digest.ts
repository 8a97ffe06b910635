import { request } from "undici";
import { repository } from "../../config/images.ts";
import { UserError } from "../lib/errors.ts";

/** Manifest types that a registry may answer with; a list of platforms first (OCI distribution specification). */
const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Docker Hub's registry, and the names under which references mean it; docker.io answers with a web site. */
const HUB = "registry-1.docker.io";
const MEANS_HUB = ["docker.io", "index.docker.io"];

/** How long a registry may take to answer, and between two parts of an answer, milliseconds. */
const BOUND = { headersTimeout: 30_000, bodyTimeout: 30_000 };

/** Registry, name and tag of a reference; Docker Hub's short names spelled out. */
export function locate(reference: string): { registry: string; name: string; tag: string } {
  const path = repository(reference);
  const tag = reference.slice(path.length + 1) || "latest";
  const [first, ...rest] = path.split("/");
  const isHost = rest.length > 0 && (/[.:]/.test(first!) || first === "localhost");
  const name = isHost ? rest.join("/") : path;
  if (isHost && !MEANS_HUB.includes(first!)) return { registry: first!, name, tag };
  return { registry: HUB, name: name.includes("/") ? name : `library/${name}`, tag };
}

/**
 * The digest that a tag has now, from its registry (HEAD manifest; anonymous token where the registry asks for one).
 * @param scheme `http` only for a registry on this machine
 * @throws UserError naming the registry and what to do
 */
export async function resolveDigest(reference: string, scheme: "http" | "https" = "https"): Promise<string> {
  const { registry, name, tag } = locate(reference);
  const url = `${scheme}://${registry}/v2/${name}/manifests/${tag}`;
  try {
    let answer = await request(url, { method: "HEAD", headers: { accept: MANIFESTS }, ...BOUND });
    if (answer.statusCode === 401) {
      const authorization = await token(String(answer.headers["www-authenticate"]));
      answer = await request(url, {
        method: "HEAD",
        headers: { accept: MANIFESTS, authorization },
        ...BOUND,
      });
    }
    const digest = answer.headers["docker-content-digest"];
    if (answer.statusCode === 200 && typeof digest === "string") return digest;
    throw new Error(`the registry answered ${answer.statusCode}`);
  } catch (error) {
    throw new UserError(
      `The digest of ${reference} can't be resolved at ${registry}: ${(error as Error).message}`,
      "Check the tag; on a machine without a way to that registry choose `images: debian`, or write the image as repository@sha256:….",
      { cause: error },
    );
  }
}

/** An anonymous pull token (distribution specification, token authentication). */
async function token(challenge: string): Promise<string> {
  const fields = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
  );
  if (!/^Bearer /i.test(challenge) || !fields.realm) throw new Error("the registry asks for a login");
  const url = new URL(fields.realm);
  for (const key of ["service", "scope"]) if (fields[key]) url.searchParams.set(key, fields[key]);
  const answer = await request(url, BOUND);
  if (answer.statusCode !== 200)
    throw new Error(`${url.host} answered ${answer.statusCode} when asked for a token`);
  const body = (await answer.body.json()) as { token?: string; access_token?: string };
  return `Bearer ${body.token ?? body.access_token}`;
}
