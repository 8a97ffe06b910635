import { z } from "zod";
import { network, seconds, size, timeOfDay } from "./fields.ts";

/** Whether sshd begins to refuse connections before it refuses all of them; it accepts no other order. */
function startsBeforeFull(maxStartups: string): boolean {
  const [start = 0, , full = 0] = maxStartups.split(":").map(Number);
  return start <= full;
}

/** sshd (H10): keys only; the figures leave room for a deploy, which opens a connection per command. */
export const ssh = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether the stack declares sshd's settings"),
  maxAuthTries: z
    .number()
    .int()
    .min(1)
    .max(20)
    .default(3)
    .describe("Keys that a client may offer on one connection"),
  maxStartups: z
    .string()
    .regex(/^[1-9]\d{0,3}:([1-9]\d?|100):[1-9]\d{0,3}$/, {
      error: "start:rate:full such as 100:30:200, rate at most 100 (sshd_config(5))",
      abort: true,
    })
    .refine(startsBeforeFull, { error: "a start that isn't above full, such as 100:30:200 (sshd_config(5))" })
    .default("100:30:200")
    .describe("Connections that may be logging in at once (sshd_config(5))"),
  maxSessions: z
    .number()
    .int()
    .min(4)
    .max(1000)
    .default(30)
    .describe("Sessions on one connection; the Docker engine's client opens one per request"),
});

/** The account that deploys without being root (H10). */
export const deployUser = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether the stack makes the account"),
  name: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,30}$/, { error: "a user name such as deploy" })
    .refine((name) => name !== "root", { error: "another user than root" })
    .default("deploy")
    .describe("Name of the account: key only, groups docker, sudo for the host tools; docs/server.md"),
  keys: z
    .array(
      z.string().regex(/^(ssh-|ecdsa-|sk-)\S+ \S+( [^\n]*)?$/, { error: "a public key: ssh-ed25519 AAAA…" }),
    )
    .default([])
    .describe("Public keys that may log in, in addition to those of the user who connects"),
});

const fail2ban = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether fail2ban guards sshd"),
  attempts: z.number().int().min(1).max(100).default(5).describe("Failed logins before an address is banned"),
  within: seconds.prefault("10 min").describe("Time in which they count"),
  ban: seconds.prefault("1 h").describe("Length of a ban"),
  ignore: z
    .array(network)
    .default([])
    .describe("Addresses and networks that are never banned, in addition to firewall.ssh.sources"),
});

const updates = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      "Whether security updates install themselves (H4); when false, the distribution's own are off too",
    ),
  at: timeOfDay.default("03:30").describe("When they are installed, in the server's time zone"),
  reboot: z.boolean().default(true).describe("Whether the server reboots when an update needs it (H4)"),
  rebootAt: timeOfDay.default("04:30").describe("When it reboots for them"),
  first: z
    .boolean()
    .default(true)
    .describe("Whether everything is brought up to date once, before anything else is installed (H4)"),
});

const journal = z.strictObject({
  maximum: size.prefault("500 MB").describe("Most disk space that the journal takes"),
  keep: seconds.prefault("30 d").describe("Age at which its entries are deleted"),
});

/** Hardening of the host beyond firewall and SSH. */
export const hardening = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether the stack hardens the server's system"),
  fail2ban: fail2ban.prefault({}).describe("fail2ban"),
  updates: updates.prefault({}).describe("Updates of the system"),
  journal: journal.prefault({}).describe("systemd's journal"),
  banner: z
    .string()
    .max(2000)
    .default(
      "This system is private: authorized access only. All activity is logged, and may be monitored and reported.",
    )
    .describe("What a client sees before it logs in (login banner)"),
});

export type Ssh = z.output<typeof ssh>;
export type DeployUser = z.output<typeof deployUser>;
export type Hardening = z.output<typeof hardening>;
