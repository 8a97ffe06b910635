import type { Stack } from "@pulumi/pulumi/automation";
import {
  BOX_IMAGE,
  digestOf,
  infrastructureOf,
  isOurs,
  LOCAL_REGISTRY,
  repository,
  usesRegistry,
} from "../../config/images.ts";
import type { Parsed } from "../../config/parse.ts";
import type { StackConfig } from "../../config/schema/index.ts";
import { claimBuilt } from "../build/claimed.ts";
import { publishApplication } from "../build/publish.ts";
import { serverArchitecture } from "../build/server.ts";
import { unbuilt } from "../build/unbuilt.ts";
import { engine } from "../images/engine.ts";
import { publishImages, registryAddress, type ImageName } from "../images/index.ts";
import { PUBLISHED } from "../images/names.ts";
import { UserError } from "../lib/errors.ts";
import { edited, editStackFile, type Edit } from "../lib/stack-file-edit.ts";
import { digestNow } from "./digest.ts";

/** Every image reference of a stack that needs a digest. */
export function references(config: StackConfig): string[] {
  const all = [
    ...infrastructureOf(config).map(({ reference }) => reference),
    ...Object.values(config.apps).flatMap(({ image, build }) => (build ? [] : [image])),
    ...(config.server.address ? [] : [BOX_IMAGE]),
  ];
  return [...new Set(all)].filter((reference) => digestOf(reference) === undefined).sort();
}

/**
 * Builds and publishes what is ours, resolves what isn't, and records every digest in the stack's config.
 * A recorded digest of a foreign tag is kept: tags move, a stack doesn't, unless a person asks for it.
 * @returns the references whose digest changed
 */
export async function recordDigests(
  stack: Stack,
  settings: Parsed,
  say: (line: string) => void,
): Promise<string[]> {
  const { config } = settings;
  const wanted = references(config);
  const ours = wanted.filter(isMadeHere);
  const digests: Record<string, string> = {};
  if (ours.some((reference) => !config.digests[reference])) await refuseForeign(stack, settings, ours);
  if (ours.length > 0) Object.assign(digests, await publish(ours, say));
  for (const reference of wanted.filter((one) => !isMadeHere(one) && !config.digests[one]))
    digests[reference] = await digestNow(reference, settings, say);
  const apps = unbuilt(config);
  const architecture = apps.length > 0 ? await serverArchitecture(stack, settings) : "";
  for (const app of apps) {
    const { reference, digest } = await publishApplication({
      stack: stack.name,
      app,
      settings,
      architecture,
      say,
    });
    digests[reference] = digest;
  }
  await claimBuilt(stack.name, config);
  const changed = Object.keys(digests).filter(
    (reference) => config.digests[reference] !== digests[reference],
  );
  const edits: Edit[] = changed.map((reference) => [["digests", reference], digests[reference]]);
  if (config.server.registry === undefined && usesRegistry(config)) {
    const registry = await registryAddress();
    if (registry !== config.server.box.registry) edits.push([["server", "box", "registry"], registry]);
  }
  if (edits.length > 0) await editStackFile(stack.name, (text) => edited(text, edits));
  return changed;
}

/** The project's own images are made from this machine's packages, so for a processor like this machine's. */
async function refuseForeign(stack: Stack, settings: Parsed, ours: string[]): Promise<void> {
  if (settings.config.server.address === undefined) return;
  // Who can't be asked now can't be deployed to either; that says so itself.
  const theirs = await serverArchitecture(stack, settings).catch(() => undefined);
  const { Arch: here } = await engine().version();
  if (theirs === undefined || theirs === here) return;
  throw new UserError(
    `The server's processor is ${theirs}, and ${ours.join(", ")} can be made here for ${here} only.`,
    "Choose `images: official` and applications' images for that processor, or deploy from a machine with such a processor.",
  );
}

/** Whether the project itself has the sources of an image. */
const isMadeHere = (reference: string): boolean =>
  isOurs(reference) && (PUBLISHED as readonly string[]).includes(nameOf(reference));

const nameOf = (reference: string): string => repository(reference).slice(LOCAL_REGISTRY.length + 1);

async function publish(ours: string[], say: (line: string) => void): Promise<Record<string, string>> {
  const names = [...new Set(ours.map(nameOf))];
  const published = await publishImages({ names: names as ImageName[], onProgress: say });
  const missing = ours.filter((reference) => !published[reference]);
  if (missing.length > 0) {
    throw new UserError(
      `${missing.join(", ")} can't be built here: this project builds ${Object.keys(published).join(", ")}.`,
      "Correct the tag in the stack file, or push the image to the registry and write it as repository@sha256:….",
    );
  }
  return Object.fromEntries(ours.map((reference) => [reference, published[reference]!]));
}
