import { asList, asMap, asText, type JsonMap } from "./compose/json.ts";
import { service as toService, type Service } from "./compose/service.ts";
import { words } from "./compose/words.ts";
import { sameImage } from "./group.ts";
import { label } from "./names.ts";
import type { Notes } from "./notes.ts";

const NAMED: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** A schedule with cron's five fields; six have seconds in front (robfig/cron), which no job minds. */
export function schedule(text: string): string | undefined {
  const plain = text.trim();
  if (NAMED[plain]) return NAMED[plain];
  const every = /^@every (\d+)(m|h)$/.exec(plain);
  if (every) {
    const [count, unit] = [Number(every[1]), every[2]];
    const whole = (unit === "m" ? 60 : 24) % count === 0;
    return whole ? (unit === "m" ? `*/${count} * * * *` : `0 */${count} * * *`) : undefined;
  }
  const fields = plain.split(/\s+/);
  if (fields.length === 6) return fields.slice(1).join(" ");
  return fields.length === 5 ? plain : undefined;
}

/** Jobs that Ofelia reads from the labels of a service, and those of Compose's own `jobs` with the same image. */
export function jobsOf(members: readonly Service[], all: JsonMap, notes: Notes): JsonMap {
  const result: JsonMap = {};
  for (const { name, labels } of members) {
    for (const [key, command] of Object.entries(labels)) {
      const job = /^ofelia\.job-exec\.(.+)\.command$/.exec(key)?.[1];
      const text = job === undefined ? undefined : labels[`ofelia.job-exec.${job}.schedule`];
      if (job === undefined || text === undefined) continue;
      add(result, label(job), words(command), text, undefined, (why) => notes.add(name, key, "not", why));
    }
  }
  for (const [name, raw] of Object.entries(asMap(all))) {
    const own = toService(name, asMap(raw), {});
    if (!sameImage(members[0]!, own)) continue;
    const times = asList(asMap(asMap(raw).triggers).schedule);
    times.forEach((time, index) => {
      const [cron, zone] = [asText(time) ?? asText(asMap(time).cron) ?? "", asText(asMap(time).timezone)];
      const title = index === 0 ? label(name) : label(`${name}-${index + 1}`);
      add(result, title, own.command ?? [], cron, zone, (why) =>
        notes.add(undefined, `jobs.${name}`, "not", why),
      );
    });
    if (times.length === 0)
      notes.add(
        undefined,
        `jobs.${name}`,
        "different",
        "It has no schedule: start it as a one-off command when it is needed.",
      );
  }
  return result;
}

function add(
  result: JsonMap,
  name: string,
  command: string[],
  text: string,
  zone: string | undefined,
  refuse: (why: string) => void,
): void {
  const times = schedule(text);
  if (times === undefined)
    return refuse(`"${text}" can't be said in cron's five fields. Write the job by hand under jobs.${name}.`);
  result[name] = { command, schedule: times, ...(zone === undefined ? {} : { timeZone: zone }) };
}
