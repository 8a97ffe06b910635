import { asFlag, asList, asMap, asText, type JsonMap } from "./compose/json.ts";
import type { Service } from "./compose/service.ts";
import { bytes, duration, seconds, size } from "./compose/units.ts";
import { checkCommand, figure, requestOf } from "./ports.ts";

/** What a process has of its own, whether it answers HTTP or not. */
export function processOf({ command, entrypoint, raw }: Service): JsonMap {
  const deploy = asMap(raw.deploy);
  const stop = seconds(asText(raw.stop_grace_period));
  return compact({
    command,
    entrypoint: entrypoint && entrypoint.length > 0 ? entrypoint : undefined,
    replicas: copies(figure(deploy.replicas) ?? figure(raw.scale)),
    resources: resources(raw),
    stop: stop === undefined ? undefined : duration(Math.ceil(stop)),
  });
}

const copies = (count: number | undefined): number | undefined =>
  count === undefined || count < 2 ? undefined : Math.round(count);

function resources(raw: JsonMap): JsonMap | undefined {
  const { limits: most, reservations } = asMap(asMap(raw.deploy).resources);
  const limits = asMap(most);
  const reserved = bytes(asText(asMap(reservations).memory) ?? asText(raw.mem_reservation));
  const memory = bytes(asText(limits.memory) ?? asText(raw.mem_limit));
  const quota = figure(raw.cpu_quota);
  const cpus =
    figure(limits.cpus) ??
    figure(raw.cpus) ??
    figure(raw.cpu_count) ??
    (quota === undefined ? undefined : quota / (figure(raw.cpu_period) ?? 100_000));
  const pids = figure(limits.pids) ?? figure(raw.pids_limit);
  return nonEmpty({
    memory: memory ? size(memory) : undefined,
    cpus: cpus && cpus > 0 ? cpus : undefined,
    reservation: reserved ? size(reserved) : undefined,
    pids: pids && pids > 0 ? Math.max(16, pids) : undefined,
  });
}

/** Tools that restart what is unhealthy, by the label that asks for it. */
const RESTARTED = ["autoheal", "willfarrell.autoheal"];

/** The check of an application; one with a port is asked at a path, too. */
export function healthOf({ raw, labels }: Service, answersHttp: boolean): JsonMap | undefined {
  const check = asMap(raw.healthcheck);
  const request = requestOf(check.test);
  const isOff = asFlag(check.disable) || asText(asList(check.test)[0]) === "NONE";
  const time = (key: string): string | undefined => {
    const found = seconds(asText(check[key]));
    return found === undefined || found === 0 ? undefined : duration(found);
  };
  const command = isOff || (answersHttp && request) ? undefined : checkCommand(check.test);
  const start = seconds(asText(check.start_period));
  const path = answersHttp ? (request?.path ?? "/") : undefined;
  return nonEmpty({
    path,
    live: path !== undefined && RESTARTED.some((name) => labels[name] === "true") ? path : undefined,
    host: answersHttp ? request?.host : undefined,
    command: command && command.length > 0 ? command : undefined,
    startPeriod: time("start_period"),
    // A first start may take as long as the old check waited for.
    within: start !== undefined && start > 60 ? duration(start) : undefined,
    interval: time("interval"),
    timeout: time("timeout"),
    retries: figure(check.retries) || undefined,
  });
}

/** The check of a process beside the web process: it has no start period, so its time to become healthy holds that. */
export function workerHealth(service: Service): JsonMap | undefined {
  const { startPeriod: _startPeriod, ...health } = healthOf(service, false) ?? {};
  return nonEmpty(health);
}

/** A map without what is `undefined`. */
export function compact(map: Record<string, unknown>): JsonMap {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined)) as JsonMap;
}

export function nonEmpty(map: Record<string, unknown>): JsonMap | undefined {
  const result = compact(map);
  return Object.keys(result).length > 0 ? result : undefined;
}
