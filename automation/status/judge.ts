import { duration, size } from "../lib/columns.ts";
import { hasFailed } from "../lib/jobs.ts";
import type { StackOutputs } from "../lib/outputs.ts";
import { listOf, type ServerStatus } from "./look.ts";
import { stateOf, type ProcessStatus } from "./processes.ts";

/** Something that a person should look at. */
export interface Finding {
  /** `critical`: visitors notice it, or will within the day. */
  severity: "critical" | "warning";
  what: string;
}

/** Shares of what there is, below which it is too little. */
const DISK = { warning: 0.1, critical: 0.05 };
const MEMORY = 0.1;
/** Share of a certificate's life that is left when its renewal must have failed: it is due at a third. */
const CERTIFICATE = 0.2;
/** Seconds after a restart in which it counts as one of now. */
const RECENT = 600;

const WELL: readonly string[] = ["running", "healthy", "starting"];

/** Everything that isn't as it should be, the worst first. */
export function judge(
  status: ServerStatus,
  processes: readonly ProcessStatus[],
  outputs: Pick<StackOutputs, "releases">,
): Finding[] {
  const found = [
    ...unseen(status),
    ...missing(processes, outputs, status),
    ...processes.flatMap((one) => ofProcess(one, status.at)),
    ...services(status),
    ...machine(status),
    ...certificate(status),
    ...alerts(status),
    ...work(status),
  ];
  return found.sort((a, b) => Number(b.severity === "critical") - Number(a.severity === "critical"));
}

const critical = (what: string): Finding => ({ severity: "critical", what });
const warning = (what: string): Finding => ({ severity: "warning", what });

const NAMES = {
  machine: "the machine",
  containers: "Docker",
  switch: "the traffic switch",
  database: "the database",
  cache: "the cache",
  ownCaches: "caches of applications",
  certificate: "the certificate",
  monitoring: "monitoring",
  jobs: "jobs",
  timers: "timers",
  failed: "units",
} as const satisfies Partial<Record<keyof ServerStatus, string>>;

/** What can't be looked at may be broken. */
function unseen(status: ServerStatus): Finding[] {
  return Object.entries(NAMES).flatMap(([key, name]) => {
    const part = status[key as keyof typeof NAMES];
    if (!part || !("unseen" in part)) return [];
    const words = `${name}: not seen, ${part.unseen.trim().split("\n").at(-1)}`;
    return [key === "containers" || key === "switch" ? critical(words) : warning(words)];
  });
}

/** Releases that are declared, and of which there is nothing. */
function missing(
  processes: readonly ProcessStatus[],
  { releases }: Pick<StackOutputs, "releases">,
  status: ServerStatus,
): Finding[] {
  if ("unseen" in status.containers) return [];
  const known = new Set(processes.map(({ release }) => release));
  return Object.values(releases)
    .flat()
    .filter(({ release }) => !known.has(release))
    .map(({ release, weight }) =>
      (weight > 0 ? critical : warning)(`${release}: no container of this release is on the server`),
    );
}

function ofProcess(one: ProcessStatus, now: number): Finding[] {
  const name = `${one.release} ${one.process}`;
  if (!one.declared) return one.state === "exited" ? [warning(`${name}: left over, and stopped`)] : [];
  const found: Finding[] = [];
  const bad = !WELL.includes(one.state);
  if (bad) {
    const none = one.running === 0 || one.state === "unhealthy";
    const code = one.exitCodes.length > 0 ? `, exit code ${one.exitCodes.join(" and ")}` : "";
    const words = `${name}: ${one.state} (${one.running} of ${one.containers} containers run${code})`;
    found.push(none ? critical(words) : warning(words));
  }
  const { traffic } = one;
  if (traffic && traffic.weight > 0 && traffic.state !== "up")
    found.push(critical(`${name}: ${traffic.state} at the traffic switch`));
  if (one.killed) found.push(warning(`${name}: killed, its memory ran out`));
  const fresh = one.since !== null && now - one.since < RECENT;
  if (one.restarts > 0 && fresh && !bad)
    found.push(warning(`${name}: restarted ${times(one.restarts)}, last ${ago(now - one.since!)}`));
  return found;
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);
const ago = (seconds: number): string => `${duration(seconds)} ago`;

function services(status: ServerStatus): Finding[] {
  return listOf(status.containers)
    .filter(({ system, release }) => system === status.system && release === null)
    .flatMap((one) => {
      const state = stateOf(one);
      if (one.killed) return [critical(`${one.service}: killed, its memory ran out`)];
      return WELL.includes(state) ? [] : [critical(`${one.service}: ${state}`)];
    });
}

function machine({ machine: found }: ServerStatus): Finding[] {
  if ("unseen" in found) return [];
  const { disk, inodes, memory } = found;
  const share = disk.free / (disk.free + disk.used);
  const full = `disk: ${size(disk.free)} free, ${Math.round(100 * share)} %`;
  return [
    ...(share < DISK.critical ? [critical(full)] : share < DISK.warning ? [warning(full)] : []),
    ...(inodes.total > 0 && inodes.free / inodes.total < DISK.warning
      ? [warning(`disk: ${inodes.free} inodes free of ${inodes.total}`)]
      : []),
    ...(memory.available / memory.total < MEMORY
      ? [warning(`memory: ${size(memory.available)} available of ${size(memory.total)}`)]
      : []),
  ];
}

function certificate({ certificate: found, at }: ServerStatus): Finding[] {
  if ("unseen" in found) return [];
  const left = found.end - at;
  if (left <= 0) return [critical(`certificate: ended ${ago(-left)}`)];
  const words = `certificate: ends in ${duration(left)}, and was not renewed`;
  return left / (found.end - found.begin) < CERTIFICATE ? [warning(words)] : [];
}

/** One that waits for its time is none yet. */
function alerts(status: ServerStatus): Finding[] {
  return alertsThat("firing", status).map(({ name, severity, summary }) =>
    (severity === "critical" ? critical : warning)(`alert ${name}${summary ? `: ${summary}` : ""}`),
  );
}

type Alert = Extract<NonNullable<ServerStatus["monitoring"]>, { alerts: unknown }>["alerts"][number];

/** Alerts in that state, without the one that always fires so that its absence is noticed. */
export function alertsThat(state: Alert["state"], { monitoring: found }: ServerStatus): Alert[] {
  if (!found || "unseen" in found) return [];
  return found.alerts.filter((one) => one.state === state && one.name !== WATCHDOG);
}

const WATCHDOG = "Watchdog";

function work(status: ServerStatus): Finding[] {
  return [
    ...listOf(status.jobs).flatMap((one) => {
      const name = `job ${one.app}/${one.job}`;
      if (hasFailed(one) && !one.running) return [warning(`${name}: ${one.result!.state}`)];
      return one.timer ? [] : [warning(`${name}: its timer is off`)];
    }),
    ...listOf(status.timers)
      .filter(({ active }) => !active)
      .map(({ name }) => warning(`timer ${name}: off`)),
    ...listOf(status.failed).map((unit) => warning(`unit ${unit}: failed`)),
  ];
}
