import type { Notifications } from "./schema/notifications.ts";

/** Names of the secrets that receivers need, by the setting that names each. */
export function secretsOf({
  slack,
  discord,
  email,
  webhook,
  watchdog,
}: Notifications): Record<string, string> {
  return Object.fromEntries(
    [
      ["slack.url", slack?.url],
      ["discord.url", discord?.url],
      ["email.password", email?.user === undefined ? undefined : email.password],
      ["webhook.url", webhook?.url],
      ["watchdog.url", watchdog?.url],
    ].filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}
