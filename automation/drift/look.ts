import Docker from "dockerode";
import { z } from "zod";
import { UserError } from "../lib/errors.ts";
import { jobStatus } from "../lib/jobs.ts";
import { CallFailed, Server } from "../lib/server.ts";
import type { ContainerInfo } from "./container-info.ts";
import type { Declaration } from "./declaration.ts";

const difference = z.object({
  /** What differs: a path, a package, a role; empty for the resource itself. */
  thing: z.string(),
  aspect: z.string(),
  /** `null`: not declared. */
  declared: z.union([z.string(), z.number()]).nullable(),
  /** `null`: not there. */
  found: z.union([z.string(), z.number()]).nullable(),
  /** A secret: the values are not shown. */
  concealed: z.boolean().optional(),
});

/** One difference between the declaration and the server. */
export type Difference = z.output<typeof difference>;

/** One of Docker's own records; what is read of it is in its type. */
const record = <T>(): z.ZodType<T> => z.custom<T>((value) => typeof value === "object" && value !== null);

const engine = z.object({
  /** Why there is nothing to see. */
  unseen: z.string().optional(),
  containers: z.array(record<ContainerInfo>()).default([]),
  /** By image: what a container has from it. */
  images: z
    .record(z.string(), record<{ Env: string[] | null; Labels: Record<string, string> | null }>())
    .default({}),
  /** Identities of all images; host tools of an earlier version don't list them. */
  imageIds: z.array(z.string()).optional(),
  networks: z
    .array(record<{ Id: string; Name: string; Containers?: Record<string, { Name: string }> }>())
    .default([]),
  volumes: z.array(z.string()).default([]),
});

/** What Docker has on the server. */
export type Engine = z.output<typeof engine>;

const findings = z.object({
  items: z.record(z.string(), z.object({ differences: z.array(difference), unseen: z.string().nullable() })),
  engine,
  /** Host tools of an earlier version know none. */
  jobs: z.array(jobStatus).default([]),
});

/** What the host tools found. */
export type Findings = z.output<typeof findings>;

/** Milliseconds that one question to this machine's engine may take. */
const TIMEOUT = 120_000;

/** The tools on the server can't look: they are missing, older, or broken. */
export class NoTools extends Error {}

/**
 * Asks the server what it really is, over the docker provider's own SSH connection.
 * @throws UserError when the server can't be reached
 * @throws NoTools when it can, but its tools don't answer
 */
export async function look(declaration: Declaration): Promise<Findings> {
  const items = declaration.calls.map(({ urn, verb, input, secret }) => ({ id: urn, verb, input, secret }));
  try {
    return await new Server(declaration).call("inspect", { items }, findings);
  } catch (error) {
    if (error instanceof CallFailed && error.reason === "refused") throw new NoTools(lastLine(error.words));
    throw error;
  }
}

const lastLine = (text: string): string => text.trim().split("\n").at(-1) ?? "";

/**
 * A container of this machine's own engine; `undefined` when there is none.
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
