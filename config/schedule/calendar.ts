import { ScheduleError } from "./schedule-error.ts";

/** Whole schedules by a word (systemd.time(7), "Calendar Events"). */
const WORDS = [
  "minutely",
  "hourly",
  "daily",
  "weekly",
  "monthly",
  "quarterly",
  "semiannually",
  "annually",
  "yearly",
];

const DAY =
  "(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?)(?:\\.\\.(?:Mon(?:day)?|Tue(?:sday)?|Wed(?:nesday)?|Thu(?:rsday)?|Fri(?:day)?|Sat(?:urday)?|Sun(?:day)?))?";
const WEEKDAYS = new RegExp(`^${DAY}(?:,${DAY})*,?$`, "i");

/** A part of a date or time and its bounds. */
type Part = [name: string, from: number, to: number];
const YEAR: Part = ["year", 1970, 2199];
const DATE: Part[] = [
  ["month", 1, 12],
  ["day", 1, 31],
];
const TIME: Part[] = [
  ["hour", 0, 23],
  ["minute", 0, 59],
  ["second", 0, 59],
];

/**
 * A calendar expression of systemd.time(7) without a time zone: `[weekdays] [date] [time]`, or a word such as `daily`.
 * @returns the same, with single blanks
 * @throws ScheduleError when it is none
 */
export function fromCalendar(text: string): string {
  const words = text.trim().split(/\s+/);
  if (words.length === 1 && WORDS.includes(words[0]!.toLowerCase())) return words[0]!.toLowerCase();
  const rest = [...words];
  if (WEEKDAYS.test(rest[0] ?? "")) rest.shift();
  if (/^[\d*][^:]*[-~]/.test(rest[0] ?? "")) checkDate(rest.shift()!);
  if (/:/.test(rest[0] ?? "")) checkTime(rest.shift()!);
  const [left] = rest;
  if (left !== undefined) throw new ScheduleError(unknown(left));
  return words.join(" ");
}

function unknown(word: string): string {
  if (/^([A-Z][A-Za-z]+\/|[A-Z]{3,4}$)/.test(word))
    return `a schedule without "${word}": a time zone has a setting of its own, timeZone`;
  return `cron's five fields such as "0 3 * * *", or a calendar form such as "Mon..Fri *-*-* 03:00": "${word}" fits neither`;
}

function checkDate(text: string): void {
  // A tilde counts the day from the end of the month.
  const parts = text.split(/[-~]/);
  if (parts.length < 2 || parts.length > 3 || /~.*-/.test(text))
    throw new ScheduleError(`a date such as *-*-01: "${text}"`);
  const kinds = parts.length === 3 ? [YEAR, ...DATE] : DATE;
  parts.forEach((part, index) => check(part, kinds[index]!, text));
}

function checkTime(text: string): void {
  const parts = text.split(":");
  if (parts.length > 3) throw new ScheduleError(`a time such as 03:00 or 03:00:00: "${text}"`);
  parts.forEach((part, index) => check(part, TIME[index]!, text));
}

/** A list of `*`, `5`, `1..5`, each of the numbers with a step such as `0/15`. */
function check(list: string, [name, from, to]: Part, whole: string): void {
  for (const part of list.split(",")) {
    if (part === "*") continue;
    const [, first, last = first, step = "1"] = /^(\d+)(?:\.\.(\d+))?(?:\/(\d+))?$/.exec(part) ?? [];
    if (first === undefined)
      throw new ScheduleError(
        `${from} to ${to}, * or a step such as ${from}/2 for the ${name}: "${part}" in "${whole}"`,
      );
    const fits = [Number(first), Number(last)].every((value) => value >= from && value <= to);
    if (!fits || Number(last) < Number(first) || Number(step) < 1)
      throw new ScheduleError(`${from} to ${to} for the ${name}: "${part}" in "${whole}"`);
  }
}
