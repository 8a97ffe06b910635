import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execa } from "execa";
import type { Build } from "../../config/schema/app/build.ts";
import { engine } from "../images/engine.ts";
import { environmentProxies } from "../images/machine.ts";
import { UserError } from "../lib/errors.ts";
import { ROOT } from "../lib/workspace.ts";
import { BUILT_FOR } from "./labels.ts";
import type { Architecture } from "./machine.ts";
import { missingSources, placesOf } from "./sources.ts";

/** How long a build may take, minutes. */
const MINUTES = 60;

/** One application to build. */
export interface BuildRequest {
  app: string;
  build: Build;
  /** The name that the image gets on this machine's engine. */
  name: string;
  /** The server's. */
  architecture: Architecture;
  say: (line: string) => void;
  signal?: AbortSignal;
}

/**
 * Builds an application's image with this machine's `docker`, which keeps layers, reads `.dockerignore` and knows
 * BuildKit's syntax where it has it.
 * @returns the image's id
 * @throws UserError with the build's last lines, or for an image of another processor
 */
export async function buildImage(request: BuildRequest): Promise<string> {
  const { app, build, architecture } = request;
  const { context, dockerfile } = placesOf(build);
  const [missing] = missingSources(app, build);
  if (missing) throw new UserError(`${missing.path}: ${missing.message}.`, missing.remedy);
  const folder = mkdtempSync(join(tmpdir(), "fairlead-build-"));
  try {
    const idFile = join(folder, "id");
    await run(request, buildArguments(request, context, dockerfile, idFile));
    const id = readFileSync(idFile, "utf8").trim();
    const { Architecture: made } = await engine().getImage(id).inspect();
    if (made === architecture) return id;
    throw new UserError(
      `${app}: the server's processor is ${architecture}, and what was built is for ${made}.`,
      `Let the Dockerfile's FROM name an image for ${architecture} without a fixed --platform, or build on such a machine and name the image with --image.`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Arguments of `docker` for a build. */
export function buildArguments(
  { app, build, name, architecture }: Pick<BuildRequest, "app" | "build" | "name" | "architecture">,
  context: string,
  dockerfile: string,
  idFile: string,
  proxies = environmentProxies(process.env),
): string[] {
  const args = Object.entries(build.args).sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    "build",
    // The classic builder would leave the container of a step that fails.
    "--force-rm",
    "--platform",
    `linux/${architecture}`,
    "--file",
    dockerfile,
    "--iidfile",
    idFile,
    "--tag",
    name,
    "--label",
    `${BUILT_FOR}=${app}`,
    ...(build.target === undefined ? [] : ["--target", build.target]),
    ...args.flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]),
    // Without a value it comes from the environment, and no image keeps it: Docker predefines these.
    ...Object.keys(proxies).flatMap((key) => ["--build-arg", key]),
    context,
  ];
}

async function run({ app, say, signal, architecture }: BuildRequest, args: string[]): Promise<void> {
  const child = execa("docker", args, {
    cwd: ROOT,
    env: {
      BUILDKIT_PROGRESS: "plain",
      // The image itself and nothing beside it, on this engine.
      BUILDX_NO_DEFAULT_ATTESTATIONS: "1",
      BUILDX_BUILDER: process.env.BUILDX_BUILDER ?? "default",
      ...environmentProxies(process.env),
    },
    stdin: "ignore",
    all: true,
    buffer: false,
    reject: false,
    timeout: MINUTES * 60_000,
    cancelSignal: signal,
    forceKillAfterDelay: 10_000,
  });
  const last: string[] = [];
  createInterface({ input: child.all }).on("line", (line) => {
    last.push(line);
    if (last.length > 40) last.shift();
    const step = stepOf(line);
    if (step) say(`${app}: ${step}`);
  });
  const { failed, code, exitCode, timedOut } = await child;
  if (!failed) return;
  signal?.throwIfAborted();
  if (code === "ENOENT")
    throw new UserError(
      `${app} is built with the program docker, which isn't on this machine.`,
      "Install Docker's command line, or build elsewhere and name the image with --image.",
    );
  const words = last.filter((line) => line.trim() !== "").slice(-20);
  throw failure(
    app,
    architecture,
    words,
    timedOut ? `did not end within ${MINUTES} minutes` : `ended with ${exitCode}`,
  );
}

/** A step of a build as a person reads it: `3/5 RUN npm ci`; `undefined` for any other line. */
export function stepOf(line: string): string | undefined {
  const buildKit = /^#\d+ \[(?:\S+ )?\s*(\d+\/\d+)\] (.{1,80})/.exec(line);
  const classic = /^Step (\d+\/\d+) : (.{1,80})/.exec(line);
  const found = buildKit ?? classic;
  return found ? `${found[1]} ${found[2]}` : undefined;
}

function failure(app: string, architecture: Architecture, words: string[], ended: string): UserError {
  const text = words.join("\n");
  const message = `Building ${app} failed: docker build ${ended}.\n${text}`;
  if (/exec format error|does not match the specified platform|no match for platform/.test(text))
    return new UserError(
      message,
      `The server's processor is ${architecture}, and this engine can't run its programs, or the base image isn't there for it. Let the engine emulate it (docker run --privileged --rm tonistiigi/binfmt --install ${architecture}), or build on such a machine and name the image with --image.`,
    );
  if (/unauthorized|authentication required|pull access denied/.test(text))
    return new UserError(
      message,
      "The base image is private, or there is none of that name: docker login to its registry on this machine, or correct FROM.",
    );
  return new UserError(message, "Correct the Dockerfile or what it needs, and run the same command again.");
}
