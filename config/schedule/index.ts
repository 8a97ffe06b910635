import { fromCalendar } from "./calendar.ts";
import { fromCron } from "./cron.ts";

export { ScheduleError } from "./schedule-error.ts";

/**
 * The times of a schedule, in cron's five fields or in systemd's calendar form, as expressions of systemd.time(7): any of
 * them starts the job.
 * @throws ScheduleError when it is neither, or never comes
 */
export function calendars(text: string): string[] {
  const schedule = text.trim();
  const isCron = schedule.startsWith("@") || schedule.split(/\s+/).length === 5;
  return isCron ? fromCron(schedule) : [fromCalendar(schedule)];
}
