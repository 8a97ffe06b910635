import { z } from "zod";

const text = z.string();

/** Octal, such as `0644`. */
const mode = z.string().regex(/^0[0-7]{3}$/);

/** A file on the server; root's when it has no `owner` (`user:group`). */
export const file = z.strictObject({ path: text, mode, owner: text.optional(), content: text });

/** A folder on the server; `purge` removes it with its content when the component goes. */
export const directory = z.strictObject({
  path: text,
  mode,
  owner: text.optional(),
  purge: z.boolean().optional(),
});

/**
 * A unit of systemd, by its whole name. `service` and `timer` are texts of unit files that come with it; `enabled` starts
 * it with the server and `running` now, and where they are absent it is left as it is. A changed text or a changed file of
 * `restartOn` restarts it. What has a text of its own, or is `owned`, stops when it is no longer declared.
 */
export const unit = z.strictObject({
  name: text,
  service: text.optional(),
  timer: text.optional(),
  enabled: z.boolean().optional(),
  running: z.boolean().optional(),
  restartOn: z.array(text).optional(),
  owned: z.boolean().optional(),
});

/** What one component declares of a server. */
export const files = z.strictObject({
  name: text,
  packages: z.array(text).optional(),
  /** Packages that only some distributions have. */
  recommended: z.array(text).optional(),
  /** Accounts without a password; groups that don't exist are made. */
  users: z.array(z.strictObject({ name: text, groups: z.array(text) })).optional(),
  directories: z.array(directory).optional(),
  files: z.array(file).optional(),
  links: z.array(z.strictObject({ path: text, target: text })).optional(),
  units: z.array(unit).optional(),
  /** Entries of cron; `schedule` has its five fields, or `@daily` and the like. */
  cron: z
    .array(z.strictObject({ name: text, schedule: text, user: text, command: z.array(text) }))
    .optional(),
  /** Commands that must accept the files once they are written. */
  check: z.array(z.array(text)).optional(),
});
