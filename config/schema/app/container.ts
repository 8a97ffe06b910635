import { isIPv4 } from "node:net";
import { z } from "zod";
import { size } from "../fields.ts";

/** A path in a container: absolute, without a colon or comma, which separate the parts of a mount. */
export const containerPath = z
  .string()
  .regex(/^\/[A-Za-z0-9._~+=@%-]+(\/[A-Za-z0-9._~+=@%-]+)*$/, {
    error: "an absolute path such as /var/lib/shop",
  })
  .refine((path) => !path.split("/").includes(".."), { error: "a path without .." });

/** Octal permissions of a file or folder. */
export const mode = z.string().regex(/^0[0-7]{3}$/, { error: "permissions such as 0755" });

const tmpfs = z.union([
  size,
  z.strictObject({
    size: size.describe("Largest content; it counts as the container's memory"),
    exec: z.boolean().default(false).describe("Whether programs in it may run"),
    mode: mode.optional().describe("Permissions; 1777 when absent"),
  }),
]);

const ulimit = z.union([
  z.number().int().min(0),
  z
    .strictObject({ soft: z.number().int().min(0), hard: z.number().int().min(0) })
    .refine(({ soft, hard }) => soft <= hard, { error: "soft at most as high as hard" }),
]);

/** Docker's names of the limits of setrlimit(2). */
const LIMIT =
  /^(core|cpu|data|fsize|locks|memlock|msgqueue|nice|nofile|nproc|rss|rtprio|rttime|sigpending|stack)$/;

/** What every container of an application gets beyond an image and limits. Names are those of the Compose specification. */
export const container = {
  tmpfs: z
    .record(containerPath, tmpfs)
    .default({})
    .describe("Folders in memory by path: a size, or size, exec and mode; /tmp has 64 MB when it isn't here"),
  shm: size.optional().describe("Size of /dev/shm; 64 MB when absent"),
  capabilities: z
    .array(
      z.string().regex(/^(?!CAP_)[A-Z][A-Z_]+$/, { error: "a Linux capability such as CHOWN, without CAP_" }),
    )
    .default([])
    .describe("Linux capabilities (capabilities(7)); all others are dropped"),
  ulimits: z
    .record(
      z.string().regex(LIMIT, { error: "a limit such as nofile, nproc, memlock or core (setrlimit(2))" }),
      ulimit,
    )
    .default({})
    .describe("Limits of a process (setrlimit(2)): a number, or soft and hard"),
  init: z
    .boolean()
    .default(false)
    .describe("Run Docker's init as the first process, which ends orphaned processes"),
  groups: z
    .array(z.number().int().min(0))
    .default([])
    .describe("Numbers of groups that the user belongs to in addition to its own"),
  hosts: z
    .record(
      z.string().regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, { error: "a host name" }),
      z.string().refine((address) => isIPv4(address) || address === "host-gateway", {
        error: "an IPv4 address, or host-gateway for the server itself",
      }),
    )
    .default({})
    .describe("Further names in /etc/hosts: name → IPv4 address"),
};
