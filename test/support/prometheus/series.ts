import * as metrics from "../../../config/metrics.ts";

const { APP_METRICS, HAPROXY, NGINX, POSTGRES, REDIS, NODE, PROBE, SERVER, TASK, RECORDED } = metrics;

type Labels = Readonly<Record<string, string>>;

/** A figure and how it goes: around `level`, or rising by `level` a second. */
interface Series {
  name: string;
  labels: Labels;
  level: number;
  rises: boolean;
}

const APPS = ["backend", "frontend"] as const;
const RELEASES = APPS.flatMap((app) =>
  ["1a2b3c4d5e", "9f8e7d6c5b"].map((digest, index) => ({ app, release: `${app}-${digest}`, index })),
);
const CONTAINERS: readonly Labels[] = [
  ...RELEASES.map(({ app, release }) => ({
    app,
    release,
    process: "web",
    container: `${release}-1-aaaaaaa`,
  })),
  ...["postgres", "redis", "nginx", "switch"].map((service) => ({
    service,
    container: `maicivy_${service}`,
  })),
];

const gauge = (name: string, level: number, ...all: Labels[]): Series[] =>
  (all.length > 0 ? all : [{}]).map((labels, index) => ({
    name,
    labels,
    level: level * (1 + index / 5),
    rises: false,
  }));
const counter = (name: string, level: number, ...all: Labels[]): Series[] =>
  gauge(name, level, ...all).map((one) => ({ ...one, rises: true }));

/** The same for all of them. */
const same = (name: string, level: number, ...all: Labels[]): Series[] =>
  gauge(name, level, ...all).map((one) => ({ ...one, level }));

const each = (label: string, ...values: string[]): Labels[] => values.map((value) => ({ [label]: value }));
const apps = each("app", ...APPS);
const releases = RELEASES.map(({ app, release }) => ({ app, release }));

/** Everything that a loaded stack has, with the labels that `config/metrics.ts` describes. */
export function loaded(now: number): Series[] {
  const disk = { mountpoint: "/", device: "/dev/vda1", fstype: "ext4" };
  const database = each("datname", "maicivy", "postgres");
  const bytes = 1024 ** 2;
  return [
    ...counter(APP_METRICS.requests, 4, ...["GET 200", "GET 404", "POST 201", "GET 500"].map(request)),
    ...gauge(APP_METRICS.visitors, 12, ...apps),
    ...gauge(APP_METRICS.connections, 20, ...apps),
    ...APPS.flatMap((app) =>
      ["2xx", "3xx", "4xx", "5xx"].flatMap((code, index) =>
        counter(HAPROXY.backendResponses, [20, 4, 1, 0.02][index]!, { app, proxy: app, code }),
      ),
    ),
    ...gauge(HAPROXY.responseTime, 0.03, ...apps),
    ...gauge(HAPROXY.sessions, 8, ...apps),
    ...gauge(HAPROXY.queue, 0, ...apps),
    ...counter(HAPROXY.bytesIn, 20_000, ...apps),
    ...counter(HAPROXY.bytesOut, 400_000, ...apps),
    ...counter(HAPROXY.connectionErrors, 0.001, ...apps),
    ...counter(HAPROXY.retries, 0.002, ...apps),
    ...[NGINX.reading, NGINX.writing, NGINX.waiting, NGINX.active].flatMap((name, index) =>
      gauge(name, 3 * index + 1),
    ),
    ...gauge(NGINX.up, 1),
    ...[NGINX.requests, NGINX.accepted, NGINX.handled].flatMap((name) => counter(name, 30)),
    ...gauge(POSTGRES.up, 1),
    ...gauge(POSTGRES.backends, 12, ...database),
    ...gauge(
      POSTGRES.activity,
      5,
      ...["active", "idle", "idle in transaction"].map((state) => ({ datname: "maicivy", state })),
    ),
    ...gauge(POSTGRES.maxConnections, 100),
    ...[POSTGRES.fetched, POSTGRES.returned, POSTGRES.inserted, POSTGRES.updated, POSTGRES.deleted].flatMap(
      (name, index) => counter(name, [900, 4000, 12, 9, 2][index]!, ...database),
    ),
    ...counter(POSTGRES.commits, 40, ...database),
    ...counter(POSTGRES.rollbacks, 0.1, ...database),
    ...counter(POSTGRES.blocksHit, 5000, ...database),
    ...counter(POSTGRES.blocksRead, 60, ...database),
    ...counter(POSTGRES.deadlocks, 0, ...database),
    ...gauge(POSTGRES.size, 80 * bytes, ...database),
    ...gauge(
      POSTGRES.locks,
      3,
      ...["accesssharelock", "rowexclusivelock"].map((mode) => ({ datname: "maicivy", mode })),
    ),
    ...gauge(REDIS.up, 1),
    ...gauge(REDIS.memory, 60 * bytes),
    ...gauge(REDIS.maxMemory, 256 * bytes),
    ...gauge(REDIS.clients, 14),
    ...counter(REDIS.commands, 300),
    ...counter(REDIS.hits, 120),
    ...counter(REDIS.misses, 9),
    ...counter(REDIS.evicted, 0),
    ...gauge(REDIS.keys, 4000, ...each("db", "db0", "db1")),
    ...["0", "1"].flatMap((cpu) =>
      ["idle", "user", "system", "iowait"].flatMap((mode, index) =>
        counter(NODE.cpu, [0.7, 0.2, 0.08, 0.02][index]!, { cpu, mode }),
      ),
    ),
    ...gauge(NODE.load1, 0.6),
    ...gauge(NODE.memoryTotal, 2048 * bytes),
    ...gauge(NODE.memoryAvailable, 1100 * bytes),
    ...gauge(NODE.swapTotal, 2048 * bytes),
    ...gauge(NODE.swapFree, 2000 * bytes),
    ...gauge(NODE.diskSize, 40_000 * bytes, disk),
    ...gauge(NODE.diskFree, 26_000 * bytes, disk),
    ...gauge(NODE.inodes, 2_600_000, disk),
    ...gauge(NODE.inodesFree, 2_300_000, disk),
    ...counter(NODE.diskRead, 40_000, { device: "vda" }),
    ...counter(NODE.diskWritten, 300_000, { device: "vda" }),
    ...counter(NODE.diskBusy, 0.04, { device: "vda" }),
    ...counter(NODE.received, 60_000, { device: "eth0" }),
    ...counter(NODE.sent, 500_000, { device: "eth0" }),
    ...gauge(NODE.boot, now - 12 * 86_400),
    ...["blackbox-http", "blackbox-tls"].flatMap((job) => probes(job)),
    ...same(SERVER.running, 1, ...CONTAINERS),
    ...same(SERVER.healthy, 1, ...CONTAINERS),
    ...gauge(SERVER.memory, 90 * bytes, ...CONTAINERS),
    ...same(SERVER.memoryLimit, 512 * bytes, ...CONTAINERS),
    ...counter(SERVER.cpu, 0.04, ...CONTAINERS),
    ...counter(SERVER.restarts, 0, ...CONTAINERS),
    ...counter(SERVER.oomKills, 0, ...CONTAINERS),
    ...RELEASES.flatMap(({ app, release, index }) => [
      ...gauge(SERVER.weight, index === 0 ? 0.9 : 0.1, { app, release }),
      ...gauge(SERVER.released, now - 2400 * (2 - index), { app, release }),
    ]),
    ...same(SERVER.unitFailed, 0, ...each("unit", "fairlead-renew", "fairlead-backup")),
    ...same(SERVER.unitLast, now - 20_000, ...each("unit", "fairlead-renew", "fairlead-backup")),
    ...same(SERVER.unitNext, now + 9000, ...each("unit", "fairlead-renew", "fairlead-backup")),
    ...gauge(SERVER.certificateEnd, now + 61 * 86_400),
    ...gauge(SERVER.rebootWaiting, 0),
    ...gauge(SERVER.updatesWaiting, 3),
    ...gauge(SERVER.folder, 200 * bytes, ...each("folder", "logs", "backups", "prometheus", "docker")),
    ...same(TASK.failed, 0, ...APPS.map((app) => ({ app, exported_job: "nightly" }))),
    ...same(TASK.succeeded, now - 30_000, ...APPS.map((app) => ({ app, exported_job: "nightly" }))),
    ...gauge(TASK.duration, 14, ...APPS.map((app) => ({ app, exported_job: "nightly" }))),
    ...recorded(),
  ];
}

function request(words: string): Labels {
  const [method = "", status = ""] = words.split(" ");
  return { app: "backend", method, status, route: "/api/items" };
}

const probes = (job: string): Series[] => [
  ...gauge(PROBE.success, 1, { job, instance: "https://maicivy.test/" }),
  ...gauge(PROBE.duration, 0.05, { job, instance: "https://maicivy.test/" }),
];

function recorded(): Series[] {
  const { byRelease } = RECORDED;
  return [
    ...gauge(RECORDED.requests, 25, ...apps),
    ...gauge(RECORDED.errors, 0.02, ...apps),
    ...gauge(RECORDED.p50, 0.02, ...apps),
    ...gauge(RECORDED.p95, 0.12, ...apps),
    ...gauge(RECORDED.p99, 0.3, ...apps),
    ...gauge(RECORDED.availability, 0.9994, { app: "backend" }),
    ...gauge(RECORDED.availability, 0.9998, { app: "frontend" }),
    ...same(RECORDED.budget, 0.6, ...apps),
    ...gauge(RECORDED.objective, 0.999, { app: "backend" }),
    ...gauge(RECORDED.objective, 0.999, { app: "frontend" }),
    ...same(RECORDED.latencyObjective, 0.2, ...apps),
    ...gauge(RECORDED.up, 1, { app: "backend" }),
    ...gauge(RECORDED.up, 1, { app: "frontend" }),
    ...metrics.WINDOWS.flatMap((window) => [
      ...gauge(metrics.errorRatio(window), 0.0006, ...apps),
      ...gauge(metrics.slowRatio(window), 0.02, ...apps),
    ]),
    ...gauge(byRelease.requests, 12, ...releases),
    ...gauge(byRelease.errors, 0.01, ...releases),
    ...[byRelease.p50, byRelease.p95, byRelease.p99].flatMap((name, index) =>
      gauge(name, 0.03 * 2 ** index, ...releases),
    ),
    ...gauge(byRelease.memory, 100 * 1024 ** 2, ...releases),
    ...gauge(byRelease.cpu, 0.05, ...releases),
  ];
}

/** Values that stay as they are: states, sizes of what doesn't change, moments. */
const STEADY =
  /_up$|up:bool|_running$|_healthy$|_total_bytes|MemTotal|SwapTotal|_size_bytes|limit|max|objective|success|timestamp|boot|failed|waiting|availability|weight/i;

/**
 * Samples of every series in OpenMetrics' text form, from `seconds` ago until now.
 * @param step seconds between two samples
 */
export function openMetrics(now: number, seconds: number, step: number): string {
  const lines: string[] = [];
  const all = loaded(now);
  for (const name of new Set(all.map((one) => one.name))) {
    lines.push(`# TYPE ${name} unknown`);
    for (const { labels, level, rises } of all.filter((one) => one.name === name)) {
      const pairs = Object.entries(labels).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
      for (let at = now - seconds; at <= now; at += step)
        lines.push(`${name}{${pairs.join(",")}} ${value(name, level, rises, at - now + seconds)} ${at}`);
    }
  }
  return `${lines.join("\n")}\n# EOF\n`;
}

function value(name: string, level: number, rises: boolean, age: number): number {
  const wave = 1 + 0.25 * Math.sin(age / 900) + 0.1 * Math.sin(age / 170);
  if (rises) return level * (age + 225 * (1 - Math.cos(age / 900)));
  return STEADY.test(name) ? level : level * wave;
}
