import type * as pulumi from "@pulumi/pulumi";
import { secretsOf } from "../../config/receivers.ts";
import type { HostInputs } from "../../config/host/index.ts";
import type { Notifications } from "../../config/schema/notifications.ts";
import { asset } from "../lib/assets.ts";
import { hostCommand, type Later } from "../lib/host-command.ts";
import type { SecretValue } from "../lib/secret-value.ts";
import { sortedJson } from "../lib/sorted-json.ts";
import type { Server } from "../host/server.ts";

/** systemd reads a drop-in of `fairlead-.service.d` for every service whose name begins so (systemd.unit(5)). */
const WATCHED = ["apt-daily-upgrade.service", "certbot.service", "fairlead-.service"];

/** Whether anybody would be told. */
export function hasReceivers({ slack, discord, email, webhook }: Notifications): boolean {
  return [slack, discord, email, webhook].some((one) => one !== undefined);
}

/**
 * Has the server say by itself when one of its own timers fails, where no monitoring does: a unit that notifies, with the
 * journal's last lines.
 */
export function declareFailures(
  server: Server,
  notifications: Notifications,
  secret: (name: string) => SecretValue,
  parent: pulumi.Resource,
): pulumi.Resource {
  const input = failuresInput(server, notifications, (name) => secret(name).value);
  return hostCommand("failures", "files", input, server, { parent });
}

export function failuresInput(
  { root, name }: Pick<Server, "root" | "name">,
  notifications: Notifications,
  secret: (name: string) => pulumi.Input<string>,
): Later<HostInputs["files"]> {
  const folder = `${root}/secrets/notify`;
  const { watchdog: _watchdog, ...receivers } = notifications;
  const names = [...new Set(Object.values(secretsOf(receivers)))].sort();
  const system = "/etc/systemd/system";
  return {
    name: "failures",
    directories: [{ path: folder, mode: "0700", purge: true }],
    files: [
      ...names.map((one) => ({ path: `${folder}/${one}`, mode: "0400", content: secret(one) })),
      {
        path: "/etc/fairlead/notify.json",
        mode: "0600",
        content: `${sortedJson({ system: name, channels: channels(notifications, folder) })}\n`,
      },
      {
        path: `${system}/notify-fairlead@.service`,
        mode: "0644",
        content: asset("host/units/notify.service"),
      },
      ...WATCHED.map((unit) => ({
        path: `${system}/${unit}.d/50-fairlead-notify.conf`,
        mode: "0644",
        content: asset("host/units/on-failure.conf"),
      })),
    ],
  };
}

function channels({ slack, discord, email, webhook }: Notifications, folder: string): object[] {
  const post = (kind: string, { url }: { url: string }, more: object = {}): object => ({
    kind,
    url: `${folder}/${url}`,
    ...more,
  });
  return [
    ...(slack ? [post("slack", slack, slack.channel === undefined ? {} : { channel: slack.channel })] : []),
    ...(discord ? [post("discord", discord)] : []),
    ...(webhook ? [post("webhook", webhook)] : []),
    ...(email ? [mail(email, folder)] : []),
  ];
}

function mail(email: NonNullable<Notifications["email"]>, folder: string): object {
  const { to, from, host, port, tls, user, password } = email;
  const login = user === undefined ? {} : { user, password: `${folder}/${password}` };
  return { kind: "email", to, from, host, port, tls, ...login };
}
