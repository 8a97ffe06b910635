import type { Notifications } from "../../config/schema/notifications.ts";
import { duration } from "./duration.ts";
import { INHIBITIONS } from "./inhibitions.ts";
import type { Watched } from "./watched.ts";
import { yaml } from "./yaml.ts";

/** Where Alertmanager finds its files, and its secrets by name. */
export const FOLDER = "/etc/alertmanager";
export const SECRETS = "/run/secrets";

const secretFile = (name: string): string => `${SECRETS}/${name}`;

/** Nobody is told. */
const NOBODY = "nobody";
const WATCHDOG = "watchdog";
const QUIET = "quiet hours";
const SEVERITIES = ["critical", "warning"] as const;
type Level = (typeof SEVERITIES)[number];

/** alertmanager.yml: who is told of what, when, and what silences what. Secrets are read from files. */
export function alertmanagerYml({ notifications }: Pick<Watched, "notifications">): string {
  const { quiet, watchdog } = notifications;
  return yaml({
    global: { resolve_timeout: "5m" },
    ...(quiet ? { time_intervals: [quietHours(quiet)] } : {}),
    route: route(notifications),
    inhibit_rules: INHIBITIONS,
    receivers: [
      { name: NOBODY },
      ...SEVERITIES.map((level) => ({ name: level, ...channels(notifications, level) })),
      ...(watchdog
        ? [
            {
              name: WATCHDOG,
              webhook_configs: [{ url_file: secretFile(watchdog.url), send_resolved: false }],
            },
          ]
        : []),
    ],
  });
}

function route({ quiet, watchdog, repeat }: Notifications): object {
  const matching = (name: string, value: string): string[] => [`${name} = "${value}"`];
  return {
    receiver: NOBODY,
    group_by: ["alertname", "app", "cluster"],
    // An outage reaches a person within two minutes; what belongs together comes within seconds.
    group_wait: "10s",
    group_interval: "1m",
    repeat_interval: duration(repeat),
    routes: [
      {
        receiver: watchdog ? WATCHDOG : NOBODY,
        matchers: matching("alertname", "Watchdog"),
        ...(watchdog
          ? {
              group_wait: "0s",
              group_interval: duration(watchdog.every),
              // Whether it is time is asked each interval, and a moment too early is one interval too late.
              repeat_interval: duration(Math.floor(watchdog.every * 0.9)),
            }
          : {}),
      },
      { receiver: "critical", matchers: matching("severity", "critical") },
      {
        receiver: "warning",
        matchers: matching("severity", "warning"),
        group_wait: "30s",
        group_interval: "5m",
        ...(quiet ? { mute_time_intervals: [QUIET] } : {}),
      },
    ],
  };
}

function quietHours({ from, to, timeZone }: NonNullable<Notifications["quiet"]>): object {
  const overnight = from > to;
  const span = (start: string, end: string): object => ({ start_time: start, end_time: end });
  const evening = span(from, "24:00");
  const times = overnight ? (to === "00:00" ? [evening] : [evening, span("00:00", to)]) : [span(from, to)];
  return { name: QUIET, time_intervals: [{ times, location: timeZone }] };
}

const TITLE =
  '{{ if eq .Status "firing" }}{{ .CommonLabels.severity | toUpper }}{{ else }}RESOLVED{{ end }} {{ .CommonLabels.cluster }}: {{ .CommonLabels.alertname }}';
const TEXT =
  "{{ range .Alerts }}{{ .Annotations.summary }}\n{{ .Annotations.description }}\nWhat to do: {{ .Annotations.runbook_url }}\n{{ end }}";

/** The receivers that take alerts of a severity. */
function channels({ slack, discord, email, webhook }: Notifications, level: Level): object {
  const takes = <T extends { severities: Level[] }>(one: T | undefined): one is T =>
    one?.severities.includes(level) ?? false;
  return {
    ...(takes(slack) ? { slack_configs: [slackConfig(slack)] } : {}),
    ...(takes(discord)
      ? {
          discord_configs: [
            { webhook_url_file: secretFile(discord.url), send_resolved: true, title: TITLE, message: TEXT },
          ],
        }
      : {}),
    ...(takes(email) ? { email_configs: [emailConfig(email)] } : {}),
    ...(takes(webhook)
      ? { webhook_configs: [{ url_file: secretFile(webhook.url), send_resolved: true, max_alerts: 100 }] }
      : {}),
  };
}

function slackConfig({ url, channel }: NonNullable<Notifications["slack"]>): object {
  return {
    api_url_file: secretFile(url),
    ...(channel === undefined ? {} : { channel }),
    send_resolved: true,
    title: TITLE,
    // Its own page has an address inside the server only.
    title_link: "",
    text: TEXT,
  };
}

function emailConfig(email: NonNullable<Notifications["email"]>): object {
  const { to, from, host, port, tls, user, password } = email;
  return {
    to: to.join(", "),
    from,
    smarthost: `${host}:${port}`,
    require_tls: tls,
    ...(user === undefined ? {} : { auth_username: user, auth_password_file: secretFile(password) }),
    headers: { Subject: TITLE },
    text: TEXT,
    html: "",
    send_resolved: true,
  };
}
