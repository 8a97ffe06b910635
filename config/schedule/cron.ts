import { ScheduleError } from "./schedule-error.ts";

/** One of cron's five fields (crontab(5)): its bounds, and names that stand for numbers. */
interface Field {
  name: string;
  from: number;
  to: number;
  names: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly Field[] = [
  { name: "minute", from: 0, to: 59, names: [] },
  { name: "hour", from: 0, to: 23, names: [] },
  { name: "day of the month", from: 1, to: 31, names: [] },
  { name: "month", from: 1, to: 12, names: MONTHS },
  // 0 and 7 are Sunday.
  { name: "day of the week", from: 0, to: 7, names: DAYS },
];

/** Cron's words for whole schedules (crontab(5)). */
const WORDS: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** Longest month of that number, in days: 29 February comes, if rarely. */
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** What a field allows, and whether it begins with `*`, which decides how cron joins its two fields of days. */
interface Values {
  all: boolean;
  star: boolean;
  numbers: readonly number[];
}

/**
 * A schedule of cron as expressions of systemd.time(7), any of which starts the job.
 * @throws ScheduleError when cron or systemd has no such schedule
 */
export function fromCron(text: string): string[] {
  const fields = expanded(text).split(/\s+/);
  const [minute, hour, day, month, weekday] = FIELDS.map((field, index) => values(fields[index]!, field));
  const time = `${spelled(hour!)}:${spelled(minute!)}:00`;
  const on = (days: Values | undefined, of: Values | undefined): string =>
    [of ? weekdays(of) : "", `*-${spelled(month!)}-${days ? spelled(days) : "*"}`, time]
      .filter(Boolean)
      .join(" ");
  const comes = exists(month!, day!);
  // Where both are restricted either one is enough, unless one of them begins with a star: then both must fit.
  if (!day!.star && !weekday!.star) return [...(comes ? [on(day, undefined)] : []), on(undefined, weekday)];
  if (!comes) throw new ScheduleError(`a day that exists: "${text}" names days that none of its months has`);
  return [on(day, weekday)];
}

function expanded(text: string): string {
  if (!text.startsWith("@")) return text;
  const known = WORDS[text.toLowerCase()];
  if (known) return known;
  const why = /^@reboot$/i.test(text)
    ? "a start of the server is no time; a process of the application starts with it"
    : `known are ${Object.keys(WORDS).join(", ")}`;
  throw new ScheduleError(`a schedule: "${text}" has no times (${why})`);
}

function values(text: string, field: Field): Values {
  const numbers = new Set(text.split(",").flatMap((part) => range(part, field)));
  if (field.name === "day of the week" && numbers.delete(7)) numbers.add(0);
  const count = field.name === "day of the week" ? 7 : field.to - field.from + 1;
  return {
    all: numbers.size === count,
    star: text.startsWith("*"),
    numbers: [...numbers].sort((a, b) => a - b),
  };
}

/** One part of a list: a star, `5`, `1-5`; a star or a range may have a step, as in `1-59/2`. */
function range(part: string, field: Field): number[] {
  const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/i.exec(part);
  const [, first = "", last, step = "1"] = match ?? [];
  if (!match || (first === "*" && last !== undefined)) throw notCron(part, field);
  if (last === undefined && first !== "*" && match[3] !== undefined)
    throw new ScheduleError(
      `a range before the step: "${part}" in the ${field.name}; write ${first}-${field.to}/${step}`,
    );
  const from = first === "*" ? field.from : number(first, field);
  // Sunday is a day of its own once.
  const end = field.name === "day of the week" ? 6 : field.to;
  const to = first === "*" ? end : last === undefined ? from : number(last, field);
  if (to < from)
    throw new ScheduleError(
      `a range that goes up: "${part}" in the ${field.name}; write it as two, with a comma`,
    );
  if (Number(step) < 1) throw new ScheduleError(`a step of at least 1: "${part}" in the ${field.name}`);
  const found: number[] = [];
  for (let value = from; value <= to; value += Number(step)) found.push(value);
  return found;
}

function number(text: string, field: Field): number {
  const place = field.names.indexOf(text.toLowerCase());
  const value = place < 0 ? Number(text) : place + field.from;
  if (place < 0 && !/^\d+$/.test(text)) throw notCron(text, field);
  if (value < field.from || value > field.to)
    throw new ScheduleError(`${field.from} to ${field.to} for the ${field.name}: "${text}"`);
  return value;
}

function notCron(part: string, field: Field): ScheduleError {
  const meant = /^\?$/.test(part)
    ? "write * for any"
    : /^L$/i.test(part)
      ? 'for the last day of a month write the calendar form "*-*~01 03:00:00"'
      : /#/.test(part)
        ? 'for the first Monday write the calendar form "Mon *-*-01..07 03:00:00"'
        : /^H/.test(part)
          ? "write the number itself"
          : "cron knows *, numbers, names, lists, ranges and steps";
  return new ScheduleError(`a ${field.name} that cron has: "${part}" (${meant})`);
}

/** Whether one of the days is in one of the months. */
function exists(month: Values, day: Values): boolean {
  return month.numbers.some((one) => day.numbers[0]! <= LENGTHS[one - 1]!);
}

/** Numbers with two digits, `..` for three and more in a row; `*` for all. */
function spelled({ all, numbers }: Values): string {
  if (all) return "*";
  const runs: number[][] = [];
  for (const value of numbers) {
    const run = runs.at(-1);
    if (run && run.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  const two = (value: number): string => String(value).padStart(2, "0");
  return runs
    .flatMap((run) => (run.length > 2 ? [`${two(run[0]!)}..${two(run.at(-1)!)}`] : run.map(two)))
    .join(",");
}

/** Days as systemd names them, Monday first; nothing for all. */
function weekdays({ all, numbers }: Values): string {
  if (all) return "";
  const names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  return [1, 2, 3, 4, 5, 6, 0]
    .filter((day) => numbers.includes(day))
    .map((day) => names[day])
    .join(",");
}
