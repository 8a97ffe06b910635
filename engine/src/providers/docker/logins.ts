import { UnsupportedError } from "../contract.ts";
import type { Value } from "../contract.ts";

/** A login to a registry, by its host. */
export interface Login {
  host: string;
  username: string;
  /** Travels in the header `X-Registry-Auth` of a pull and nowhere else. */
  password: string;
}

const known = ["address", "username", "password"];

/** What is asked where an image names no registry. */
const HUB = "registry-1.docker.io";

/**
 * The provider's `registryAuth` as the SDK sends it: a list as JSON text.
 * @throws UnsupportedError for what isn't a user and a password
 */
export function loginsOf(given: Value | undefined): Login[] {
  if (given === undefined || given === null) return [];
  // No part of it may be in an error: passwords are in it.
  return (JSON.parse(String(given)) as Record<string, unknown>[]).map((entry) => {
    for (const [name, value] of Object.entries(entry))
      if (!known.includes(name) && value !== null)
        throw new UnsupportedError(`property "registryAuth.${name}" of the docker provider`);
    const { address, username = "", password = "" } = entry;
    return { host: hostOf(String(address)), username: String(username), password: String(password) };
  });
}

/** Like upstream: the scheme may be missing, and what follows the host doesn't count. */
const hostOf = (address: string): string => address.replace(/^https?:\/\//, "").split("/")[0]!;

/** The login for an image's registry; as upstream, the first part is one when it looks like a host, or when there are three. */
export function loginFor(image: string, logins: readonly Login[]): Login | undefined {
  const parts = image.split("/");
  const [first = ""] = parts;
  const named = parts.length > 2 || (parts.length > 1 && (/[.:]/.test(first) || first === "localhost"));
  return logins.find(({ host }) => host === (named ? first : HUB));
}
