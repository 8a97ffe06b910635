import { z } from "zod";
import { seconds, timeOfDay, variable } from "./fields.ts";

const severities = z
  .array(z.enum(["critical", "warning"]))
  .min(1)
  .default(["critical", "warning"])
  .describe("Which alerts it gets");

const address = z
  .string()
  .regex(/^[^\s@,<>]+@[^\s@,<>]+\.[^\s@,<>]+$/, { error: "an address such as you@example.com" });

const slack = z.strictObject({
  url: variable
    .default("SLACK_WEBHOOK_URL")
    .describe("Name of the secret with the address of an incoming webhook"),
  channel: z
    .string()
    .regex(/^[#@][^\s]{1,80}$/, { error: 'a channel such as "#alerts"' })
    .optional()
    .describe("Channel; the webhook's own when absent (N1)"),
  severities,
});

const discord = z.strictObject({
  url: variable.default("DISCORD_WEBHOOK_URL").describe("Name of the secret with the address of a webhook"),
  severities,
});

const email = z.strictObject({
  to: z.array(address).min(1).describe("Who gets it"),
  from: address.describe("Who it comes from"),
  host: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, { error: "a host name such as smtp.example.com" })
    .describe("Mail server (SMTP)"),
  port: z.number().int().min(1).max(65535).default(587).describe("Its port"),
  tls: z
    .boolean()
    .default(true)
    .describe("Whether the connection must be encrypted (STARTTLS; TLS on port 465)"),
  user: z.string().min(1).optional().describe("Login; none when absent"),
  password: variable.default("SMTP_PASSWORD").describe("Name of the secret with its password"),
  severities,
});

const webhook = z.strictObject({
  url: variable
    .default("ALERT_WEBHOOK_URL")
    .describe("Name of the secret with the address that is posted to"),
  severities,
});

const quiet = z.strictObject({
  from: timeOfDay.describe("When the quiet hours begin"),
  to: timeOfDay.describe("When they end; earlier than the beginning: on the next day"),
  timeZone: z
    .string()
    .regex(/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/, { error: "a time zone such as Europe/Paris" })
    .default("UTC")
    .describe("Their time zone"),
});

const watchdog = z.strictObject({
  url: variable
    .default("WATCHDOG_URL")
    .describe(
      "Name of the secret with the address of a dead man's switch, which says when it hears nothing any more",
    ),
  every: seconds
    .refine((value) => value >= 30 && value <= 3600, { error: "a duration from 30 s to 1 h" })
    .prefault("1 min")
    .describe("How often it is told that all is well"),
});

/** Who is told. Addresses with a key in them and passwords are secrets of the stack. */
export const notifications = z.strictObject({
  slack: slack.optional().describe("Slack (N1, N2)"),
  discord: discord.optional().describe("Discord"),
  email: email.optional().describe("E-mail (N1, N4)"),
  webhook: webhook.optional().describe("A request with the alert as JSON, as Alertmanager writes it"),
  quiet: quiet
    .optional()
    .describe("Hours in which only critical alerts are sent; the others follow afterwards"),
  watchdog: watchdog.optional().describe("Who notices that nobody watches any more"),
  repeat: seconds
    .refine((value) => value >= 300, { error: "a duration of at least 5 min" })
    .prefault("4 h")
    .describe("How soon an alert that still fires is sent again"),
});

export type Notifications = z.output<typeof notifications>;
