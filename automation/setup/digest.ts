import { isOurs } from "../../config/images.ts";
import type { Parsed } from "../../config/parse.ts";
import { repositoryOf } from "../build/local.ts";
import { engine } from "../images/engine.ts";
import { publishImages, registryPort } from "../images/index.ts";
import { registryDigest } from "../images/registry.ts";
import { UserError } from "../lib/errors.ts";
import { loginFor } from "./registry-login.ts";
import { locate, resolveDigest } from "./resolve-digest.ts";

/**
 * The digest that a tag has now: in its registry, with the stack's login there, or in the registry of this machine.
 * @throws UserError naming the registry and what to do
 */
export async function digestNow(
  reference: string,
  settings: Pick<Parsed, "config" | "secrets">,
  say: (line: string) => void,
): Promise<string> {
  say(`resolving ${reference}`);
  if (!isOurs(reference)) return resolveDigest(reference, loginFor(reference, settings));
  // Its name is for boxes; this machine knows it by a port.
  await publishImages({ names: [], onProgress: say });
  const port = await registryPort();
  const { registry, name } = repositoryOf(reference, port);
  const { tag } = locate(reference);
  const digest = await registryDigest(engine(), port, name, tag);
  if (digest) return digest;
  const there = `${registry}/${name}:${tag}`;
  throw new UserError(
    `The registry of this machine has no ${name}:${tag}.`,
    `Correct the tag in ${reference}, or bring the image there: docker tag IMAGE ${there} && docker push ${there}`,
  );
}
