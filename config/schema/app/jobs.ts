import { z } from "zod";
import { calendars, ScheduleError } from "../../schedule/index.ts";
import { label, seconds, size } from "../fields.ts";
import { words } from "./process.ts";

/** Times in cron's or systemd's form; afterwards expressions of systemd.time(7), any of which starts the job. */
const schedule = z.string().transform((text, context) => {
  try {
    return calendars(text);
  } catch (error) {
    if (!(error instanceof ScheduleError)) throw error;
    context.issues.push({ code: "custom", message: error.message, input: text });
    return z.NEVER;
  }
});

/** A name of the time zone database as the server spells it: systemd, unlike JavaScript, minds upper and lower case. */
const timeZone = z.string().refine(isTimeZone, { error: "a time zone such as Europe/Paris or UTC" });

function isTimeZone(name: string): boolean {
  if (!/^[A-Z][A-Za-z0-9_+-]*(\/[A-Z][A-Za-z0-9_+-]*)*$/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Something that an application does at set times, in a container of its own. */
export const job = z.strictObject({
  command: words.describe(
    "Command in the image of the release that serves, with its settings, secrets and volumes",
  ),
  schedule: schedule.describe(
    'When: cron\'s five fields such as "0 3 * * *", or the calendar form of systemd such as "Mon..Fri *-*-* 03:00"',
  ),
  timeZone: timeZone.optional().describe("Time zone of the schedule; the server's own when absent"),
  timeout: seconds
    .refine((value) => value >= 1, { error: "a duration of at least 1 s" })
    .prefault("1 h")
    .describe("A try that takes longer is stopped, and has failed"),
  retries: z.number().int().min(0).max(10).default(0).describe("How often a job that failed is tried again"),
  memory: size
    .optional()
    .describe("Memory limit of the job's container; that of the application when absent"),
});

export const jobs = z.record(label, job).default({});

export type Job = z.output<typeof job>;
