import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { calendars } from "../../config/schedule/index.ts";

/** A schedule as people write it → expressions of systemd. */
const TABLE: [string, ...string[]][] = [
  ["* * * * *", "*-*-* *:*:00"],
  ["0 3 * * *", "*-*-* 03:00:00"],
  ["*/15 * * * *", "*-*-* *:00,15,30,45:00"],
  // In cron a step begins anew each hour, and so it does here.
  ["*/25 * * * *", "*-*-* *:00,25,50:00"],
  ["5-59/20 8-18 * * *", "*-*-* 08..18:05,25,45:00"],
  ["0 0,12 * * *", "*-*-* 00,12:00:00"],
  ["0 3 * * 1-5", "Mon,Tue,Wed,Thu,Fri *-*-* 03:00:00"],
  ["0 3 * * MON-FRI", "Mon,Tue,Wed,Thu,Fri *-*-* 03:00:00"],
  ["30 4 * * 0", "Sun *-*-* 04:30:00"],
  ["30 4 * * 7", "Sun *-*-* 04:30:00"],
  ["30 4 * * 5-7", "Fri,Sat,Sun *-*-* 04:30:00"],
  ["30 4 * * 0-7", "*-*-* 04:30:00"],
  ["0 0 * * */2", "Tue,Thu,Sat,Sun *-*-* 00:00:00"],
  ["0 6 1 * *", "*-*-01 06:00:00"],
  ["0 6 1,15 1-6 *", "*-01..06-01,15 06:00:00"],
  ["0 6 1 jan,JUL *", "*-01,07-01 06:00:00"],
  ["0 0 29 2 *", "*-02-29 00:00:00"],
  ["0 0 31 * *", "*-*-31 00:00:00"],
  // Either day is enough, as crontab(5) says.
  ["0 2 1 * 1", "*-*-01 02:00:00", "Mon *-*-* 02:00:00"],
  ["0 2 13 * FRI", "*-*-13 02:00:00", "Fri *-*-* 02:00:00"],
  // Unless one begins with a star: then both must fit.
  ["0 2 */2 * 1", "Mon *-*-01,03,05,07,09,11,13,15,17,19,21,23,25,27,29,31 02:00:00"],
  ["0 2 30 2 MON", "Mon *-02-* 02:00:00"],
  ["@hourly", "*-*-* *:00:00"],
  ["@daily", "*-*-* 00:00:00"],
  ["@midnight", "*-*-* 00:00:00"],
  ["@weekly", "Sun *-*-* 00:00:00"],
  ["@monthly", "*-*-01 00:00:00"],
  ["@yearly", "*-01-01 00:00:00"],
  ["@annually", "*-01-01 00:00:00"],
  ["daily", "daily"],
  ["quarterly", "quarterly"],
  ["03:00", "03:00"],
  ["Mon..Fri 03:00", "Mon..Fri 03:00"],
  ["Mon,Thu..Sat  *-*-*   03:00:30", "Mon,Thu..Sat *-*-* 03:00:30"],
  ["*-*~01 00:00:00", "*-*~01 00:00:00"],
  ["2030-*-01,15 0/6:00", "2030-*-01,15 0/6:00"],
  ["*-*-1..7/2 *:0/10", "*-*-1..7/2 *:0/10"],
  ["Sun", "Sun"],
];

const BAD: [string, RegExp][] = [
  ["", /cron's five fields such as "0 3 \* \* \*", or a calendar form/],
  ["tomorrow", /"tomorrow" fits neither/],
  ["0 3 * *", /"0" fits neither/],
  ["0 0 3 * * *", /"0" fits neither/],
  ["60 * * * *", /0 to 59 for the minute: "60"/],
  ["0 24 * * *", /0 to 23 for the hour: "24"/],
  ["0 0 0 * *", /1 to 31 for the day of the month: "0"/],
  ["0 0 * 13 *", /1 to 12 for the month: "13"/],
  ["0 0 * * 8", /0 to 7 for the day of the week: "8"/],
  ["0 0 30 2 *", /names days that none of its months has/],
  ["0 0 31 4,6 *", /names days that none of its months has/],
  ["*/0 * * * *", /a step of at least 1/],
  ["5/15 * * * *", /a range before the step: "5\/15" in the minute; write 5-59\/15/],
  ["0 22-4 * * *", /a range that goes up: "22-4" in the hour/],
  ["0 0 * * FRI-MON", /a range that goes up: "FRI-MON"/],
  ["0 0 ? * *", /"\?" \(write \* for any\)/],
  ["0 0 L * *", /"L" \(for the last day of a month write the calendar form/],
  ["0 0 * * 1#1", /"1#1" \(for the first Monday/],
  ["H 0 * * *", /"H" \(write the number itself\)/],
  ["0 0 15W * *", /a day of the month that cron has: "15W"/],
  ["0 0 * FOO *", /a month that cron has: "FOO"/],
  ["0,, 0 * * *", /a minute that cron has: ""/],
  ["*-5 0 * * *", /a minute that cron has: "\*-5"/],
  ["@reboot", /a start of the server is no time/],
  ["@every 5m", /"@every 5m" has no times/],
  ["*-*-* 25:00", /0 to 23 for the hour: "25"/],
  ["*-13-01", /1 to 12 for the month: "13"/],
  ["*-*-*/2 03:00", /1 to 31, \* or a step such as 1\/2 for the day: "\*\/2"/],
  ["*:*/5", /a step such as 0\/2 for the minute/],
  ["03:00 Europe\/Paris", /without "Europe\/Paris": a time zone has a setting of its own, timeZone/],
  ["Mon *-*-* 03:00 UTC", /without "UTC": a time zone/],
  ["1:2:3:4", /a time such as 03:00/],
  ["Mo 03:00", /"Mo" fits neither/],
];

describe("schedules of jobs", () => {
  for (const [text, ...expected] of TABLE)
    it(`${text} is ${expected.join(" or ")}`, () => assert.deepEqual(calendars(text), expected));

  for (const [text, words] of BAD) it(`refuses "${text}"`, () => assert.throws(() => calendars(text), words));

  const present = spawnSync("systemd-analyze", ["--version"]).status === 0;
  const title = "mean something to systemd, each of them, in any time zone";
  if (!present) it.skip(`${title} (skipped: systemd-analyze is missing)`, () => undefined);
  else
    it(title, () => {
      const all = TABLE.flatMap(([, ...expressions]) => expressions);
      for (const expression of [...all, ...all.map((one) => `${one} Europe/Paris`)]) {
        const { status, stdout, stderr } = spawnSync("systemd-analyze", ["calendar", expression], {
          encoding: "utf8",
        });
        assert.equal(status, 0, `${expression}: ${stderr}`);
        assert.match(stdout, /Next elapse: (?!never)/, expression);
      }
    });

  const BRUTE = [
    "*/7 3 * * *",
    "0 2 13 * FRI",
    "0 2 */10 * 1-3",
    "15,45 */6 28-31 2 *",
    "0 5 * 11,12 0",
    "0 0 1-7 * 1",
  ];
  for (const text of present ? BRUTE : [])
    it(`${text} elapses when cron would start it`, () => {
      const found = new Set(calendars(text).flatMap((one) => elapses(one)));
      const expected = cronTimes(text);
      assert.ok(expected.length > 5, `${expected.length} times`);
      assert.deepEqual([...found].sort().slice(0, 10), expected.slice(0, 10));
    });
});

const START = Date.UTC(2027, 0, 1);

/** The first times of an expression after {@link START}, as systemd reckons, in minutes of UTC. */
function elapses(expression: string): string[] {
  const args = ["calendar", "--iterations=60", "--base-time=2026-12-31 23:59:59 UTC", `${expression} UTC`];
  const { stdout } = spawnSync("systemd-analyze", args, {
    encoding: "utf8",
    env: { ...process.env, TZ: "UTC", LC_ALL: "C" },
  });
  return [
    ...stdout.matchAll(/(?:Next elapse|Iter(?:ation|\.) #\d+): \w+ (\d{4}-\d\d-\d\d \d\d:\d\d):\d\d UTC/g),
  ].map(([, time]) => time!);
}

/** The same by crontab(5), minute by minute over two years: another reading of the five fields than the one tested. */
function cronTimes(text: string): string[] {
  const [minute, hour, day, month, weekday] = text.split(" ") as [string, string, string, string, string];
  const fits = (field: string, value: number, from: number): boolean =>
    field.split(",").some((part) => {
      const [range = "", step = "1"] = part.split("/");
      const [first, last] = range === "*" ? [from, 99] : range.split("-").map(word);
      return (
        value >= first! &&
        value <= (last ?? first!) &&
        (value - (range === "*" ? from : first!)) % +step === 0
      );
    });
  const found: string[] = [];
  for (let at = START; at < START + 2 * 366 * 86_400_000 && found.length < 60; at += 60_000) {
    const date = new Date(at);
    const days = [fits(day, date.getUTCDate(), 1), fits(weekday, date.getUTCDay(), 0)];
    const both = day.startsWith("*") || weekday.startsWith("*");
    if (
      fits(minute, date.getUTCMinutes(), 0) &&
      fits(hour, date.getUTCHours(), 0) &&
      fits(month, date.getUTCMonth() + 1, 1) &&
      (both ? days[0] && days[1] : days[0] || days[1])
    )
      found.push(date.toISOString().slice(0, 16).replace("T", " "));
  }
  return found;
}

const word = (text: string): number => (text === "FRI" ? 5 : Number(text));
