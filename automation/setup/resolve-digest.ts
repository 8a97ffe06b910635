import { request } from "undici";
import { HUB as MEANS_HUB, registryOf, repository } from "../../config/images.ts";
import { UserError } from "../lib/errors.ts";
import type { Login } from "./registry-login.ts";

/** Manifest types that a registry may answer with; a list of platforms first (OCI distribution specification). */
export const MANIFESTS = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");

/** Docker Hub's registry; docker.io answers with a web site. */
const HUB = "registry-1.docker.io";

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

/** A registry of this machine has no TLS, as Docker's engine sees it too. */
const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host);

/**
 * The digest that a tag has now, from its registry (HEAD manifest; a token or a login where the registry asks for one).
 * @param login of the stack for that registry
 * @throws UserError naming the registry and what to do
 */
export async function resolveDigest(reference: string, login?: Login): Promise<string> {
  const { registry, name, tag } = locate(reference);
  const url = `${isLoopback(registry) ? "http" : "https"}://${registry}/v2/${name}/manifests/${tag}`;
  try {
    let answer = await request(url, { method: "HEAD", headers: { accept: MANIFESTS }, ...BOUND });
    if (answer.statusCode === 401) {
      const authorization = await authorize(String(answer.headers["www-authenticate"]), login);
      answer = await request(url, {
        method: "HEAD",
        headers: { accept: MANIFESTS, authorization },
        ...BOUND,
      });
    }
    const digest = answer.headers["docker-content-digest"];
    if (answer.statusCode === 200 && typeof digest === "string") return digest;
    if (answer.statusCode === 401 || answer.statusCode === 403) throw new Refused(answer.statusCode, login);
    throw new Error(`the registry answered ${answer.statusCode}`);
  } catch (error) {
    throw new UserError(
      `The digest of ${reference} can't be resolved at ${registry}: ${(error as Error).message}`,
      remedyFor(error, reference, login),
      { cause: error },
    );
  }
}

/** A registry that wants a login, or another one. */
class Refused extends Error {
  constructor(status: number, login: Login | undefined) {
    super(login ? `the registry refuses the login (${status})` : `the registry asks for a login (${status})`);
  }
}

function remedyFor(error: unknown, reference: string, login: Login | undefined): string {
  const host = registryOf(reference);
  if (error instanceof Refused && login)
    return `Check registries."${host}" (user ${login.username}) and its secret; the account needs the right to pull ${repository(reference)}.`;
  if (error instanceof Refused)
    return `Check the tag; if the image is private, set registries."${host}": {username, password: NAME_OF_A_SECRET} in the stack file. Or write the image as repository@sha256:…, or choose \`images: debian\` on a machine without a way to that registry.`;
  return "Check the tag; on a machine without a way to that registry choose `images: debian`, or write the image as repository@sha256:….";
}

/**
 * What a request needs that was answered with this challenge: the login itself, or a token for it, anonymous without one
 * (distribution specification, token authentication; RFC 7617).
 */
async function authorize(challenge: string, login: Login | undefined): Promise<string> {
  const basic = login && `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
  if (/^Basic\b/i.test(challenge)) {
    if (basic) return basic;
    throw new Refused(401, login);
  }
  const fields = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key, value]) => [key!, value!]),
  );
  if (!/^Bearer /i.test(challenge) || !fields.realm) throw new Refused(401, login);
  const url = new URL(fields.realm);
  for (const key of ["service", "scope"]) if (fields[key]) url.searchParams.set(key, fields[key]);
  // Nobody between here and there is to read a password.
  if (basic && url.protocol !== "https:" && !isLoopback(url.host))
    throw new Error(`it sends a password to ${url.host} without TLS`);
  const answer = await request(url, { headers: basic ? { authorization: basic } : {}, ...BOUND });
  if (answer.statusCode === 401 || answer.statusCode === 403) throw new Refused(answer.statusCode, login);
  if (answer.statusCode !== 200)
    throw new Error(`${url.host} answered ${answer.statusCode} when asked for a token`);
  const body = (await answer.body.json()) as { token?: string; access_token?: string };
  return `Bearer ${body.token ?? body.access_token}`;
}
