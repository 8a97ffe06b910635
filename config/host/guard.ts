import { z } from "zod";
import { file, unit } from "./shapes.ts";

const text = z.string();
const seconds = z.number().positive();
const families = z.strictObject({ v4: text, v6: text });

/** What `apply` printed: a change of it makes `confirm` run again. */
const change = text.optional();

export const account = z.strictObject({
  user: text,
  keys: z.array(text),
  sudoers: z.strictObject({ path: text, content: text }),
  packages: z.array(text),
});

export const firewall = z.strictObject({
  /** `ufw`'s words, one rule a list, spelled as `ufw show added` spells them. */
  rules: z.array(z.array(text)),
  /** Those that stay when the component goes. */
  ssh: z.array(z.array(text)),
  /** Lines for the filter table in `before.rules` and `before6.rules`. */
  before: families,
  /** A filter table for `after.rules` and `after6.rules`. */
  docker: families,
  /** Kernel settings that UFW loads at each start. */
  sysctl: text.optional(),
  packages: z.array(text),
  /** A change that isn't confirmed takes itself back. */
  within: seconds,
  change,
});

export const sshd = z.strictObject({ file: text, content: text, within: seconds, change });

export const hardening = z.strictObject({
  name: text,
  packages: z.array(text),
  files: z.array(file),
  units: z.array(unit),
  sysctl: z.strictObject({ path: text, content: text }),
  /** Values of login.defs(5). */
  login: z.record(z.string(), z.string()),
  /** Addresses that fail2ban never bans; `gateway` adds that of the server's network, which only the server knows. */
  neverBanned: z.strictObject({ path: text, addresses: z.array(text), gateway: z.boolean() }).optional(),
  /** Whether the clock is the server's own. */
  clock: z.boolean(),
});

export const swap = z.strictObject({ bytes: z.number().int(), file: text });

/** A stack as it calls itself, and what its data depends on. */
export const claim = z.strictObject({
  when: z.enum(["create", "update"]),
  project: text,
  stack: text,
  name: text,
  id: text,
  holds: z.strictObject({
    name: text,
    database: z.strictObject({ name: text, owner: text, major: text }).nullable(),
    cache: z.boolean(),
    databases: z.record(z.string(), text).optional(),
    prefixes: z.record(z.string(), text).optional(),
  }),
  /** Application → what tells it under another name: image and addresses. */
  signs: z.record(z.string(), z.array(text)).optional(),
});

export const hold = z.strictObject({ ownerId: text, token: text, who: text, what: text });
