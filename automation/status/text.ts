import colors from "picocolors";
import { columns, duration, size } from "../lib/columns.ts";
import { hasFailed, type JobStatus } from "../lib/jobs.ts";
import { alertsThat, type Finding } from "./judge.ts";
import { listOf, type Container, type ServerStatus } from "./look.ts";
import { stateOf, type ProcessStatus } from "./processes.ts";
import type { StackStatus } from "./status.ts";

/** One screen: what is wrong, applications, services, the server, work at set times, and what changed last. */
export function screen({ stack, url, findings, processes, change, server }: StackStatus): string {
  const { run, at } = server;
  const place = url.replace(/^https?:\/\/|\/$/g, "");
  return [
    `${colors.bold(stack)}  ${place}  ${colors.dim(`${new Date(at * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`)}`,
    ...(run ? [colors.yellow(`${run.who} changes it since ${run.since}: ${run.what}`)] : []),
    "",
    ...summary(findings),
    "",
    applications(processes, at),
    "",
    services(server),
    "",
    ...facts(server, change).map(([name, words]) => `${colors.bold(name.padEnd(NAME))}${words}`),
  ].join("\n");
}

/** Columns of the names of facts. */
const NAME = 13;

function summary(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [colors.green("✓ All is well.")];
  return findings.map(({ severity, what }) =>
    severity === "critical" ? colors.red(`✗ ${what}`) : colors.yellow(`! ${what}`),
  );
}

const PROCESSES = [
  "release",
  "process",
  "state",
  "weight",
  "requests",
  "5xx",
  "errors",
  "mean",
  "P95",
  "memory",
  "restarts",
  "for",
];

function applications(processes: readonly ProcessStatus[], now: number): string {
  if (processes.length === 0) return "No application runs.";
  const lines = processes.map((one) => {
    const { traffic } = one;
    return [
      one.release,
      one.containers > 1 ? `${one.process} (${one.running} of ${one.containers})` : one.process,
      one.declared ? one.state : `${one.state}, on its way out`,
      traffic ? String(traffic.weight) : "–",
      traffic ? String(traffic.requests) : "–",
      traffic ? String(traffic.status["5xx"]) : "–",
      traffic ? String(traffic.connectErrors + traffic.responseErrors) : "–",
      !traffic || traffic.responseMs === null ? "–" : `${Math.round(traffic.responseMs)} ms`,
      traffic === undefined || traffic.p95Ms === null ? "–" : `${Math.round(traffic.p95Ms)} ms`,
      part(one.memory, one.limit),
      String(one.restarts),
      one.since === null ? "–" : duration(now - one.since),
    ];
  });
  return columns(PROCESSES, lines, (column) => column < 3);
}

/** Sizes of which the first is part of the second. */
function part(used: number | null, of: number | null): string {
  if (used === null) return "–";
  return of === null ? size(used) : `${size(used)} of ${size(of)}`;
}

function services(status: ServerStatus): string {
  const all = listOf(status.containers).filter(
    ({ system, release, task }) => system === status.system && release === null && task === null,
  );
  const lines = all.map((one) => [
    one.service ?? one.name,
    stateOf(one),
    part(one.memory, one.limit),
    String(one.restarts + one.liveRestarts),
    one.started === null ? "–" : duration(status.at - one.started),
    about(one, status),
  ]);
  const isText = (column: number): boolean => column < 2 || column === 5;
  return columns(["service", "state", "memory", "restarts", "for", ""], lines, isText);
}

/** What only this service can say. */
function about({ service }: Container, { database, cache, ownCaches }: ServerStatus): string {
  if (service === "postgres" && database && "version" in database)
    return `${database.connections} of ${database.maxConnections} connections, ${size(database.bytes)} of data`;
  const own = "unseen" in ownCaches ? undefined : ownCaches.byService[service ?? ""];
  const redis = service === "redis" ? cache : own;
  if (redis && "version" in redis)
    return `${redis.keys} keys, ${part(redis.bytes, redis.maxBytes)}, ${redis.evicted} evicted`;
  return "";
}

type Facts = [string, string][];

function facts(status: ServerStatus, change: StackStatus["change"]): Facts {
  const { at } = status;
  return [
    ["server", server(status)],
    ["certificate", certificate(status)],
    ...rows("jobs", jobs(listOf(status.jobs), at)),
    ...rows("timers", timers(status)),
    ["alerts", alerts(status)],
    ["backup", "none"],
    ["drill", "none"],
    [
      "changed",
      change
        ? `${duration(at - change.at)} ago: ${change.kind} ${change.result}${change.resources ? `, ${change.resources}` : ""}`
        : "nothing is known",
    ],
  ];
}

/** The name stands before the first line alone. */
const rows = (name: string, lines: string[]): Facts =>
  (lines.length > 0 ? lines : ["none"]).map((line, index) => [index === 0 ? name : "", line]);

function server({ machine: found }: ServerStatus): string {
  if ("unseen" in found) return "not seen";
  const { load, cores, memory, swap, disk, uptime, reboot } = found;
  return [
    `load ${load.map((one) => one.toFixed(2)).join(" ")} on ${cores} cores`,
    `memory ${part(memory.total - memory.available, memory.total)}`,
    ...(swap.total > 0 ? [`swap ${part(swap.total - swap.free, swap.total)}`] : []),
    `disk ${part(disk.used, disk.used + disk.free)}`,
    `up ${duration(uptime)}`,
    ...(reboot ? [colors.yellow("an update waits for a reboot")] : []),
  ].join(", ");
}

function certificate({ certificate: found, at }: ServerStatus): string {
  if ("unseen" in found) return "not seen";
  const by = found.mode === "acme" ? "" : ", by the server's own authority";
  return `${duration(found.end - at)} left, ${found.names.join(", ")}${by}`;
}

function alerts(status: ServerStatus): string {
  const { monitoring: found } = status;
  if (!found) return "monitoring is off";
  if ("unseen" in found) return "not seen";
  const count = (state: "firing" | "pending"): number => alertsThat(state, status).length;
  return `${count("firing")} firing, ${count("pending")} pending`;
}

function jobs(found: readonly JobStatus[], now: number): string[] {
  const names = found.map(({ app, job }) => `${app}/${job}`);
  const width = Math.max(0, ...names.map((name) => name.length));
  return found.map((one, index) => {
    const { result, running, next } = one;
    const last = running
      ? "runs"
      : result
        ? `${result.state}${result.ended === undefined ? "" : ` ${duration(now - result.ended)} ago`}`
        : "has not run yet";
    const due = next === null ? "timer is off" : `next in ${duration(next - now)}`;
    const words = `${names[index]!.padEnd(width)}  ${last}, ${due}`;
    return hasFailed(one) ? colors.yellow(words) : words;
  });
}

function timers({ timers: found, at }: ServerStatus): string[] {
  const all = listOf(found);
  const width = Math.max(0, ...all.map(({ name }) => name.length));
  return all.map(({ name, active, running, ended, next, result }) => {
    const last = running
      ? "runs"
      : ended === null
        ? "has not run yet"
        : `${result} ${duration(at - ended)} ago`;
    const due = !active ? "off" : next === null ? "no next run" : `next in ${duration(next - at)}`;
    return `${name.padEnd(width)}  ${last}, ${due}`;
  });
}
