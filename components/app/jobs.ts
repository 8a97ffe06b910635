import type * as pulumi from "@pulumi/pulumi";
import type { HostInputs, HostUnit } from "../../config/host/index.ts";
import type { Job } from "../../config/schema/app/jobs.ts";
import type { App } from "../../config/schema/app/index.ts";
import { toMebibytes } from "../../config/units.ts";
import { asset } from "../lib/assets.ts";
import { fill } from "../lib/fill.ts";
import type { Later } from "../lib/host-command.ts";

/** Seconds before a job that failed is tried again; twice as long before each further try. */
const PAUSE = 10;
/** Seconds beside the job's own time in which a try makes its container, or waits for that of its release. */
const AROUND = 180;
/** Longest pause between two tries on the server, in seconds. */
const LONGEST_PAUSE = 300;

/** A release that may serve. */
interface Candidate {
  identity: string;
  weight: number;
  containers: pulumi.Input<string[]>;
}

/**
 * What the server is told of an application's jobs: their timers, and the release that runs them, which is the one with
 * most of the traffic.
 */
export function jobsInput(
  app: string,
  settings: App,
  releases: readonly Candidate[],
  metrics: string,
): Later<HostInputs["jobs"]> {
  const [serving] = [...releases].sort((a, b) => b.weight - a.weight);
  const names = Object.keys(settings.jobs).sort();
  return {
    app,
    release: serving!.identity,
    containers: serving!.containers,
    metrics,
    jobs: names.map((name) => jobInput(app, name, settings.jobs[name]!, settings.stop)),
  };
}

function jobInput(app: string, name: string, job: Job, stop: number): HostInputs["jobs"]["jobs"][number] {
  const { command, timeout, retries, memory, schedule, timeZone } = job;
  return {
    name,
    command,
    timeout,
    retries,
    pause: PAUSE,
    stop,
    memory: memory === undefined ? undefined : toMebibytes(memory) * 1024 ** 2,
    calendars: schedule.map((one) => (timeZone === undefined ? one : `${one} ${timeZone}`)),
    unit: unitOf(app, name, job, stop),
  };
}

/** A name of an application or job has no dot, so no two units are alike. */
function unitOf(app: string, name: string, job: Job, stop: number): HostUnit {
  const { schedule, timeZone, timeout, retries } = job;
  const description = `Job ${name} of ${app}`;
  const zone = timeZone === undefined ? "" : ` ${timeZone}`;
  const longest = (timeout + stop + AROUND) * (retries + 1) + LONGEST_PAUSE * retries;
  return {
    name: `fairlead-job-${app}.${name}.timer`,
    service: fill(asset("host/units/app-job.service"), {
      description,
      input: JSON.stringify({ app, job: name }),
      timeout: longest,
      stop: stop + 60,
    }),
    timer: fill(asset("host/units/app-job.timer"), {
      description,
      times: schedule.map((one) => `OnCalendar=${one}${zone}`).join("\n"),
    }),
    enabled: true,
    running: true,
  };
}
