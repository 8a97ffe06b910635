import type { OutputMap } from "@pulumi/pulumi/automation";
import { z } from "zod";
import { connection, connectionFrom } from "./connection.ts";

/** A release of an application, as the stack's outputs describe it. */
export const release = z.object({ release: z.string(), image: z.string(), weight: z.number() });

const outputs = z.object({
  url: z.string(),
  /** Every name that the edge serves; the canonical one first. Missing in stacks that an earlier version deployed. */
  names: z.array(z.string()).optional(),
  address: z.string(),
  /** Whether the edge answers only who begins with the PROXY protocol. */
  proxyProtocol: z.boolean().optional(),
  images: z.enum(["official", "debian"]),
  /** What visitors must trust (PEM); absent where public trust is enough. */
  certificate: z.string().optional(),
  /** The same of sites with a certificate of their own, where public trust isn't enough. */
  siteCertificates: z.record(z.string(), z.string()).optional(),
  ssh: z.string(),
  /** How the server is reached. Missing in stacks that an earlier version deployed. */
  connection: connection.optional(),
  /** HAProxy's runtime API on the server. Missing in stacks that an earlier version deployed. */
  switchSocket: z.string().optional(),
  health: z.record(z.string(), z.string()).default({}),
  /** Statuses that mean health, of the applications that declare some. */
  statuses: z.record(z.string(), z.string()).optional(),
  releases: z.record(z.string(), z.array(release)),
});

const complete = outputs.transform((found, context) => {
  const reached = found.connection ?? connectionFrom(found.ssh);
  if (reached) return { ...found, connection: reached };
  context.addIssue({ code: "custom", path: ["ssh"], message: "expected a command of the ssh client" });
  return z.NEVER;
});

/** What a running stack says about itself. */
export type StackOutputs = z.output<typeof complete>;

/** The outputs of a stack that is up; `undefined` for one that isn't. */
export function readOutputs(map: OutputMap): StackOutputs | undefined {
  const result = complete.safeParse(
    Object.fromEntries(Object.entries(map).map(([key, { value }]) => [key, value])),
  );
  return result.success ? result.data : undefined;
}
