import { RELEASE, WEB } from "../../config/processes.ts";
import { byRelease, type ReleaseFigures } from "../lib/figures.ts";
import type { StackOutputs } from "../lib/outputs.ts";
import { listOf, type Container, type ServerStatus } from "./look.ts";

/** A process of a release, over all its containers. */
export interface ProcessStatus {
  app: string;
  release: string;
  process: string;
  /** Whether the stack declares its release; what it doesn't is on its way out, or left over. */
  declared: boolean;
  /** The worst of its containers. */
  state: State;
  containers: number;
  running: number;
  restarts: number;
  /** Bytes: used by all, and allowed to all. */
  memory: number | null;
  limit: number | null;
  /** Seconds since 1970: when the youngest container was started. */
  since: number | null;
  /** Exit codes of those that don't run. */
  exitCodes: number[];
  killed: boolean;
  /** Of the process that answers requests. */
  traffic?: Traffic;
}

/** What the switch counted. */
export interface Traffic extends Pick<
  ReleaseFigures,
  "weight" | "state" | "requests" | "status" | "connectErrors" | "responseErrors" | "open" | "responseMs"
> {
  /** What Prometheus has over the last five minutes, in milliseconds; `null` without it, or without requests. */
  p95Ms: number | null;
}

/** From bad to good. */
const STATES = [
  "dead",
  "restarting",
  "exited",
  "unhealthy",
  "paused",
  "removing",
  "created",
  "starting",
  "running",
  "healthy",
] as const;

export type State = (typeof STATES)[number];

/** Of a container: what Docker says of its health, where it knows that. */
export const stateOf = ({ state, health }: Container): State =>
  state === "running" ? (health ?? "running") : state;

/** Every process of every release: applications and releases in the order of the outputs, the web process first. */
export function processes(status: ServerStatus, { releases }: StackOutputs): ProcessStatus[] {
  const figures = "servers" in status.switch ? byRelease(status.switch.servers, releases) : [];
  const containers = listOf(status.containers).filter((one) => isPartOfRelease(one, status));
  const declared = Object.values(releases).flatMap((all) => all.map(({ release }) => release));
  const found = groups(containers).map((group) => together(group, declared, figures, status));
  const place = ({ release }: ProcessStatus): number => (declared.indexOf(release) + 1 || Infinity) - 1;
  const rank = ({ process }: ProcessStatus): number => (process === WEB ? 0 : 1);
  return found.sort(
    (a, b) =>
      compare(place(a), place(b)) ||
      a.release.localeCompare(b.release) ||
      rank(a) - rank(b) ||
      a.process.localeCompare(b.process),
  );
}

/** Containers of the same process of the same release. */
function groups(containers: readonly Container[]): Container[][] {
  const keyOf = ({ release, process }: Container): string => `${release}\n${process ?? WEB}`;
  return [...new Set(containers.map(keyOf))].map((key) => containers.filter((one) => keyOf(one) === key));
}

const compare = (a: number, b: number): number => (a === b ? 0 : a < b ? -1 : 1);

/** Jobs and one-offs come and go, and the release command has ended well. */
function isPartOfRelease(one: Container, { system }: ServerStatus): boolean {
  if (one.system !== system || one.release === null || one.task !== null) return false;
  return one.process !== RELEASE;
}

function together(
  group: Container[],
  declared: string[],
  figures: ReleaseFigures[],
  status: ServerStatus,
): ProcessStatus {
  const { service, process, release } = group[0]!;
  const sum = (of: (one: Container) => number | null): number | null =>
    group.some((one) => of(one) !== null) ? group.reduce((total, one) => total + (of(one) ?? 0), 0) : null;
  const traffic = figures.find((one) => one.release === release);
  const still = group.filter(({ state }) => state !== "running");
  return {
    app: service ?? "",
    release: release!,
    process: process ?? WEB,
    declared: declared.includes(release!),
    state: worst(group),
    containers: group.length,
    running: group.length - still.length,
    restarts: sum(({ restarts, liveRestarts }) => restarts + liveRestarts) ?? 0,
    memory: sum(({ memory }) => memory),
    limit: group.every(({ limit }) => limit !== null) ? sum(({ limit }) => limit) : null,
    since: group.reduce<number | null>(
      (last, { started }) => Math.max(last ?? 0, started ?? 0) || null,
      null,
    ),
    exitCodes: [...new Set(still.map(({ exitCode }) => exitCode))],
    killed: group.some(({ killed }) => killed),
    ...(process === null && traffic ? { traffic: trafficOf(traffic, status) } : {}),
  };
}

const worst = (group: Container[]): State =>
  STATES.find((state) => group.some((one) => stateOf(one) === state)) ?? "running";

function trafficOf(one: ReleaseFigures, { monitoring }: ServerStatus): Traffic {
  const { weight, state, requests, status, connectErrors, responseErrors, open, responseMs } = one;
  const { p95 = [], releaseP95 = [] } = monitoring && "figures" in monitoring ? monitoring.figures : {};
  const found =
    releaseP95.find(({ labels }) => labels["release"] === one.release) ??
    (one.weight > 0 ? p95.find(({ labels }) => labels["app"] === one.app) : undefined);
  const p95Ms = found ? found.value * 1000 : null;
  return { weight, state, requests, status, connectErrors, responseErrors, open, responseMs, p95Ms };
}
