import { isOurs, registryOf, repository } from "../../config/images.ts";
import type { Parsed } from "../../config/parse.ts";
import { insist } from "../images/build.ts";
import { engine, drain, type EngineEvent } from "../images/engine.ts";
import { publishImages, registryPort } from "../images/index.ts";
import { UserError } from "../lib/errors.ts";
import { loginFor, type Login } from "../setup/registry-login.ts";
import { ROOT } from "../lib/workspace.ts";
import { buildImage } from "./build.ts";
import { claim, claimant, type Repository } from "./claims.ts";
import { repositoryOf } from "./local.ts";
import type { Architecture } from "./machine.ts";

/** An application whose image is to be built and published. */
export interface PublishRequest {
  stack: string;
  app: string;
  settings: Pick<Parsed, "config" | "secrets">;
  architecture: Architecture;
  say: (line: string) => void;
  signal?: AbortSignal;
}

/** What was published. */
export interface Published {
  /** The image as the stack file names it. */
  reference: string;
  /** `sha256:…` */
  digest: string;
}

/**
 * Builds an application's image and brings it to where the server pulls it from: the repository that the stack file names,
 * or the registry of this machine. A registry takes only the layers that it lacks.
 * @throws UserError with what failed
 */
export async function publishApplication(request: PublishRequest): Promise<Published> {
  const { stack, app, settings, architecture, say, signal } = request;
  const { build, image: reference } = settings.config.apps[app]!;
  const local = isOurs(reference) ? await inLocalRegistry(reference, say) : undefined;
  const target = local ? `${local.registry}/${local.name}:${tagOf(reference)}` : withTag(reference);
  const id = await buildImage({ app, build: build!, name: target, architecture, say, signal });
  say(`${app}: publishing`);
  const once = (): Promise<string> => push(target, loginFor(reference, settings), app, say, signal);
  const digest = await (local ? insist(once, signal) : once());
  // The engine may have moved the tag meanwhile; what was pushed must be what was built.
  const digests = (await engine().getImage(id).inspect()).RepoDigests ?? [];
  if (digests.includes(`${repository(target)}@${digest}`)) {
    if (local) await claim(local, digest, claimant(ROOT, stack));
    return { reference, digest };
  }
  throw new UserError(
    `${app}: another build took the name ${target} while this one was published.`,
    "Run the same command again.",
  );
}

const tagOf = (reference: string): string => reference.slice(repository(reference).length + 1) || "latest";

const withTag = (reference: string): string => `${repository(reference)}:${tagOf(reference)}`;

/** Where this machine's engine pushes what a server pulls by that reference. */
async function inLocalRegistry(reference: string, say: (line: string) => void): Promise<Repository> {
  await publishImages({ names: [], onProgress: say });
  return repositoryOf(reference, await registryPort());
}

async function push(
  target: string,
  login: Login | undefined,
  app: string,
  say: (line: string) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  try {
    const authconfig = login ?? { username: "", password: "" };
    const stream = await engine().getImage(target).push({ authconfig, abortSignal: signal });
    const events = await drain(stream, ({ status }: EngineEvent) => {
      if (status === "Pushing" || status === "Pushed") say(`${app}: ${status.toLowerCase()} layers`);
    });
    const digest = events.findLast(({ aux }) => aux?.Digest)?.aux?.Digest;
    if (digest) return digest;
    throw new Error("the engine did not say the digest");
  } catch (error) {
    signal?.throwIfAborted();
    const host = target.split("/")[0]!;
    const words = (error as Error).message;
    const denied = /denied|unauthorized|authentication|no basic auth/i.test(words);
    throw new UserError(
      `${app}: ${target} could not be pushed: ${words}`,
      denied
        ? remedyFor(registryOf(target), login)
        : `Look whether ${host} answers, and run the same command again.`,
      { cause: error },
    );
  }
}

const remedyFor = (host: string, login: Login | undefined): string =>
  login
    ? `Check registries."${host}" (user ${login.username}) and its secret; the account needs the right to push.`
    : `Set registries."${host}": {username, password: NAME_OF_A_SECRET} in the stack file, with the right to push.`;
