import Docker from "dockerode";
import { execa, type Result } from "execa";
import { readAnswer } from "../lib/answer.ts";
import { UserError } from "../lib/errors.ts";
import { during } from "../lib/heartbeat.ts";
import { ROOT } from "../lib/workspace.ts";
import type { ContainerInfo } from "./container-info.ts";
import type { Declaration } from "./declaration.ts";

/** One difference between the declaration and the server. */
export interface Difference {
  /** What differs: a path, a package, a role; empty for the resource itself. */
  thing: string;
  aspect: string;
  /** `null`: not declared. */
  declared: string | number | null;
  /** `null`: not there. */
  found: string | number | null;
  /** A secret: the values are not told. */
  concealed?: boolean;
}

/** What Docker has on the server. */
export interface Engine {
  unseen?: string;
  containers: ContainerInfo[];
  /** By image: what a container has from it. */
  images: Record<string, { Env: string[] | null; Labels: Record<string, string> | null }>;
  /** Identities of all images; unknown to host tools of before. */
  imageIds?: string[];
  networks: { Id: string; Name: string; Containers?: Record<string, { Name: string }> }[];
  volumes: string[];
}

/** The answer of the host's verb `inspect`. */
export interface Findings {
  items: Record<string, { differences: Difference[]; unseen: string | null }>;
  engine: Engine;
}

/** Milliseconds that one question to the server may take. */
const TIMEOUT = 120_000;

/** The tools on the server can't look: they are missing, older, or broken. */
export class NoTools extends Error {}

/**
 * Asks the server what it really is, over the docker provider's own SSH connection.
 * @throws UserError when the server can't be reached
 * @throws NoTools when it can, but its tools don't answer
 */
export async function look({ calls, ssh, tool }: Declaration): Promise<Findings> {
  const items = calls.map(({ urn, verb, input, secret }) => ({ id: urn, verb, input, secret }));
  const ask = async (): Promise<Pick<Result, "exitCode"> & { stdout: string; stderr: string }> =>
    execa("ssh", [...ssh, `${tool} inspect`], {
      cwd: ROOT,
      input: JSON.stringify({ items }),
      reject: false,
      timeout: TIMEOUT,
    });
  const { exitCode, stdout, stderr } = await during(() => "looking at the server", ask);
  if (exitCode === 0) return readAnswer(stdout) as Findings;
  const words = stderr.trim().split("\n").at(-1) || `exit code ${exitCode}`;
  if (exitCode === 255 || exitCode === undefined)
    throw new UserError(`The server can't be reached: ${words}`, `ssh ${ssh.join(" ")} shows more.`);
  if (words.startsWith("usage: "))
    throw new UserError("The tools on the server are older than this project.", "npm run up renews them.");
  throw new NoTools(words);
}

/**
 * Runs `docker` on the server.
 * @param args words without anything that a shell would take apart
 * @returns what it printed, both streams as they came
 */
export async function dockerOnServer({ ssh }: Pick<Declaration, "ssh">, args: string[]): Promise<string> {
  const strange = args.find((word) => !/^[\w./:-]+$/.test(word));
  if (strange !== undefined) throw new Error(`not a word for a remote shell: ${strange}`);
  const { all } = await execa("ssh", [...ssh, "docker", ...args], { cwd: ROOT, timeout: TIMEOUT, all: true });
  return all;
}

/**
 * A container of this machine's own engine; `undefined` when it is gone.
 * @throws UserError when the engine doesn't answer, which says nothing about the container
 */
export async function inspectHere(id: string): Promise<ContainerInfo | undefined> {
  try {
    return (await new Docker({ timeout: TIMEOUT }).getContainer(id).inspect()) as ContainerInfo;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 404) return undefined;
    throw new UserError(
      `The Docker engine of this machine doesn't answer: ${(error as Error).message}`,
      "docker info shows more; start the engine and run the same command again.",
      { cause: error },
    );
  }
}
