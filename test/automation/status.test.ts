import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { size } from "../../automation/lib/columns.ts";
import { statusOf, type Container, type ServerStatus } from "../../automation/status/look.ts";
import { assembled, lastChange, type StackStatus } from "../../automation/status/status.ts";
import { screen } from "../../automation/status/text.ts";
import { OUTPUTS } from "../support/outputs.ts";

const NOW = 1_800_000_000;
const MB = 1024 ** 2;
const DAY = 86_400;

/** A container as the server describes it. */
function container(name: string, more: Partial<Container> = {}): Container {
  return {
    name,
    system: "shop",
    service: name.split("-")[0]!,
    process: null,
    task: null,
    release: name.split("-").slice(0, 2).join("-"),
    state: "running",
    health: "healthy",
    created: NOW - 7200,
    started: NOW - 7200,
    exitCode: 0,
    killed: false,
    restarts: 0,
    liveRestarts: 0,
    memory: 100 * MB,
    limit: 512 * MB,
    ...more,
  };
}

const service = (name: string, more: Partial<Container> = {}): Container =>
  container(`shop_${name}`, { service: name, release: null, ...more });

const NOTHING = { "1xx": 0, "2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0, other: 0 };

const place = (app: string, name: string, more: object = {}): object => ({
  app,
  container: name,
  weight: 100,
  state: "up",
  since: NOW - 7200,
  restarts: 0,
  open: 1,
  requests: 1000,
  status: { ...NOTHING, "2xx": 997, "5xx": 3 },
  connectErrors: 1,
  responseErrors: 1,
  retries: 0,
  redispatches: 0,
  aborted: 0,
  connectMs: 1,
  responseMs: 12.4,
  ...more,
});

/** What a server says of which all is well, with changes. */
function server(more: object = {}): ServerStatus {
  return statusOf({
    at: NOW,
    system: "shop",
    run: null,
    machine: {
      uptime: 12 * DAY,
      load: [0.12, 0.2, 0.21],
      cores: 2,
      memory: { total: 2048 * MB, available: 1024 * MB },
      swap: { total: 0, free: 0 },
      disk: { used: 10_000 * MB, free: 30_000 * MB },
      inodes: { total: 1000, free: 900 },
      reboot: false,
    },
    containers: {
      list: [
        container("api-0123456789-1-aaaaaaa"),
        container("api-0123456789-worker-bbbbbbb", { process: "worker", health: null }),
        container("web-0123456789-1-ccccccc"),
        service("postgres"),
        service("redis"),
        service("cache-till"),
      ],
    },
    switch: {
      servers: [place("api", "api-0123456789-1-aaaaaaa"), place("web", "web-0123456789-1-ccccccc")],
    },
    database: { version: "15.8", connections: 12, maxConnections: 100, bytes: 23 * MB },
    cache: { version: "7.0", clients: 3, bytes: 3 * MB, maxBytes: 256 * MB, keys: 1204, evicted: 0 },
    ownCaches: {
      byService: {
        "cache-till": { version: "7.0", clients: 1, bytes: MB, maxBytes: 64 * MB, keys: 7, evicted: 0 },
      },
    },
    certificate: {
      mode: "acme",
      names: ["shop.test"],
      begin: NOW - 30 * DAY,
      end: NOW + 60 * DAY,
      last: null,
    },
    monitoring: null,
    jobs: { list: [] },
    timers: { list: [] },
    failed: { list: [] },
    ...more,
  });
}

const of = (found: ServerStatus): StackStatus =>
  assembled("prod", OUTPUTS, { at: NOW - 3600, kind: "update", result: "succeeded", resources: "" }, found);

const findings = (more: object): string[] =>
  of(server(more)).findings.map(({ severity, what }) => `${severity} ${what}`);

const shown = (found: StackStatus): string => stripVTControlCharacters(screen(found));

/** All containers of a healthy server, with one of them changed. */
const changed = (name: string, more: Partial<Container>): object => ({
  containers: {
    list: (server().containers as { list: Container[] }).list.map((one) =>
      one.name.startsWith(name) ? { ...one, ...more } : one,
    ),
  },
});

describe("npm run status", () => {
  it("finds nothing to look at on a server where all is well, and says the most on one screen", () => {
    const found = of(server());
    assert.deepEqual(found.findings, []);
    const text = shown(found);
    assert.match(text, /^prod {2}maicivy\.test:8443 {2}2027-01-15 08:00:00 UTC$/m);
    assert.match(text, /^✓ All is well\.$/m);
    assert.match(
      text,
      /^api-0123456789 +web +healthy +100 +1000 +3 +2 +12 ms +– +100 MB of 512 MB +0 +2 h$/m,
    );
    assert.match(text, /^api-0123456789 +worker +running +– +– +– +– +– +– +100 MB of 512 MB +0 +2 h$/m);
    assert.match(text, /^postgres .* 12 of 100 connections, 23 MB of data$/m);
    assert.match(text, /^redis .* 1204 keys, 3\.0 MB of 256 MB, 0 evicted$/m);
    assert.match(text, /^cache-till .* 7 keys, 1\.0 MB of 64 MB, 0 evicted$/m);
    assert.match(text, /^server +load 0\.12 0\.20 0\.21 on 2 cores, memory 1\.0 GB of 2\.0 GB, disk/m);
    assert.match(text, /^certificate +60 d left, shop\.test$/m);
    assert.match(text, /^alerts +monitoring is off$/m);
    assert.match(text, /^backup +none$/m);
    assert.match(text, /^changed +60 min ago: update succeeded$/m);
    assert.ok(text.split("\n").length <= 24, text);
  });

  it("names what visitors notice first", () => {
    assert.deepEqual(findings({ ...changed("shop_redis", { state: "exited", exitCode: 137 }) }), [
      "critical redis: exited",
    ]);
    assert.deepEqual(
      findings({
        ...changed("api-0123456789-1", { state: "restarting", exitCode: 1 }),
        jobs: { list: [job({ state: "failed" })] },
      }),
      [
        "critical api-0123456789 web: restarting (0 of 1 containers run, exit code 1)",
        "warning job shop/nightly: failed",
      ],
    );
    assert.deepEqual(findings(changed("api-0123456789-1", { health: "unhealthy" })), [
      "critical api-0123456789 web: unhealthy (1 of 1 containers run)",
    ]);
  });

  it("tells a part of an application's containers from all of them", () => {
    const { list } = server().containers as { list: Container[] };
    const more = { list: [...list, container("api-0123456789-2-ddddddd", { state: "exited", exitCode: 2 })] };
    assert.deepEqual(findings({ containers: more }), [
      "warning api-0123456789 web: exited (1 of 2 containers run, exit code 2)",
    ]);
  });

  it("misses a declared release, and one that serves but is down at the switch", () => {
    const { list } = server().containers as { list: Container[] };
    const none = { list: list.filter(({ service }) => service !== "web") };
    assert.deepEqual(findings({ containers: none }), [
      "critical web-0123456789: no container of this release is on the server",
    ]);
    const down = place("web", "web-0123456789-1-ccccccc", { state: "down" });
    assert.deepEqual(findings({ switch: { servers: [down] } }), [
      "critical web-0123456789 web: down at the traffic switch",
    ]);
    // Kept warm, and asked by nobody.
    const warm = place("web", "web-0123456789-1-ccccccc", { state: "maintenance", weight: 0 });
    assert.deepEqual(findings({ switch: { servers: [warm] } }), []);
  });

  it("finds a release on its way out no fault, unless it stopped and stays", () => {
    const { list } = server().containers as { list: Container[] };
    const old = container("api-9999999999-1-eeeeeee");
    assert.deepEqual(findings({ containers: { list: [...list, old] } }), []);
    assert.match(
      shown(of(server({ containers: { list: [...list, old] } }))),
      /^api-9{10} +web +healthy, on its way out/m,
    );
    const left = { ...old, state: "exited" as const };
    assert.deepEqual(findings({ containers: { list: [...list, left] } }), [
      "warning api-9999999999 web: left over, and stopped",
    ]);
  });

  it("leaves out jobs, one-offs and the command that prepared the release", () => {
    const { list } = server().containers as { list: Container[] };
    const others = [
      container("job-api.nightly", { task: "job", process: "job/nightly", state: "exited" }),
      container("api-0123456789-release-fffffff", { process: "release", state: "exited" }),
    ];
    assert.equal(of(server({ containers: { list: [...list, ...others] } })).processes.length, 3);
    assert.deepEqual(findings({ containers: { list: [...list, ...others] } }), []);
  });

  it("counts a restart while it is fresh, and memory that ran out", () => {
    const fresh = { restarts: 1, liveRestarts: 2, started: NOW - 60 };
    assert.deepEqual(findings(changed("web", fresh)), [
      "warning web-0123456789 web: restarted 3 times, last 60 s ago",
    ]);
    assert.deepEqual(findings(changed("web", { ...fresh, started: NOW - 3600 })), []);
    assert.deepEqual(findings(changed("web", { killed: true })), [
      "warning web-0123456789 web: killed, its memory ran out",
    ]);
  });

  it("watches disk, memory and the certificate by their share", () => {
    const { machine } = server() as { machine: object };
    const disk = (free: number): object => ({
      machine: { ...machine, disk: { used: (100 - free) * MB, free: free * MB } },
    });
    assert.deepEqual(findings(disk(10)), []);
    assert.deepEqual(findings(disk(9)), ["warning disk: 9.0 MB free, 9 %"]);
    assert.deepEqual(findings(disk(4)), ["critical disk: 4.0 MB free, 4 %"]);
    const memory = { total: 100 * MB, available: 9 * MB };
    assert.deepEqual(findings({ machine: { ...machine, memory } }), [
      "warning memory: 9.0 MB available of 100 MB",
    ]);
    const { certificate } = server() as { certificate: object };
    const ends = (days: number): object => ({
      certificate: { ...certificate, begin: NOW - (90 - days) * DAY, end: NOW + days * DAY },
    });
    assert.deepEqual(findings(ends(18)), []);
    assert.deepEqual(findings(ends(17)), ["warning certificate: ends in 17 d, and was not renewed"]);
    assert.deepEqual(findings(ends(-2)), ["critical certificate: ended 2 d ago"]);
  });

  it("shows jobs and timers with their last result and next run", () => {
    const timer = {
      name: "fairlead-renew",
      active: true,
      running: false,
      last: NOW - 7300,
      next: NOW + 7200,
      ended: NOW - 7200,
      result: "success",
    };
    const more = {
      jobs: { list: [job({ state: "succeeded" }), { ...job({}), app: "blog", result: null }] },
      timers: { list: [timer, { ...timer, name: "fairlead-new", ended: null, active: false }] },
      failed: { list: ["nginx.service"] },
    };
    const text = shown(of(server(more)));
    assert.match(text, /^jobs +shop\/nightly {2}succeeded 2 h ago, next in 4 h$/m);
    assert.match(text, /^ +blog\/nightly {2}has not run yet, next in 4 h$/m);
    assert.match(text, /^timers +fairlead-renew {2}success 2 h ago, next in 2 h$/m);
    assert.deepEqual(findings(more), [
      "warning timer fairlead-new: off",
      "warning unit nginx.service: failed",
    ]);
    const off = { list: [{ ...job({}), timer: false, next: null }] };
    assert.deepEqual(findings({ jobs: off }), ["warning job shop/nightly: its timer is off"]);
  });

  it("shows what Prometheus knows, where it runs", () => {
    const alert = { name: "DiskSpaceLow", severity: "warning", state: "firing", summary: "9 % free on /" };
    const monitoring = {
      alerts: [
        alert,
        { ...alert, name: "BackendDown", severity: "critical" },
        { ...alert, state: "pending" },
        { name: "Watchdog", severity: "none", state: "firing" },
      ],
      figures: {
        releaseP95: [{ labels: { app: "api", release: "api-0123456789" }, value: 0.142 }],
        p95: [{ labels: { app: "web" }, value: 0.05 }],
      },
    };
    assert.deepEqual(findings({ monitoring }), [
      "critical alert BackendDown: 9 % free on /",
      "warning alert DiskSpaceLow: 9 % free on /",
    ]);
    const text = shown(of(server({ monitoring })));
    assert.match(text, /^api-0123456789 +web .* 12 ms +142 ms /m);
    assert.match(text, /^web-0123456789 +web .* 12 ms +50 ms /m);
    assert.match(text, /^alerts +2 firing, 1 pending$/m);
  });

  it("says what it can't see, and shows the rest", () => {
    const unseen = { unseen: "first line\nthe Docker engine doesn't answer" };
    const more = { containers: unseen, switch: unseen, cache: unseen, machine: unseen };
    assert.deepEqual(findings(more), [
      "critical Docker: not seen, the Docker engine doesn't answer",
      "critical the traffic switch: not seen, the Docker engine doesn't answer",
      "warning the machine: not seen, the Docker engine doesn't answer",
      "warning the cache: not seen, the Docker engine doesn't answer",
    ]);
    assert.match(shown(of(server(more))), /^certificate +60 d left/m);
  });

  it("says that a run changes the server", () => {
    const run = { who: "ann@desk", what: "npm run up", since: "2026-11-27T09:00:00Z" };
    assert.match(shown(of(server({ run }))), /^ann@desk changes it since 2026-11-27T09:00:00Z: npm run up$/m);
  });

  it("refuses an answer of other tools", () => {
    assert.throws(() => server({ machine: { uptime: "long" } }));
  });
});

/** A job as the server knows it. */
function job(result: object): object {
  return {
    app: "shop",
    job: "nightly",
    calendars: ["daily"],
    release: "shop-1",
    timer: true,
    running: false,
    next: NOW + 14_400,
    result: { state: "succeeded", started: NOW - 7300, ended: NOW - 7200, release: "shop-1", ...result },
  };
}

describe("what changed last", () => {
  it("is the last update, with what it did", async () => {
    const startTime = new Date(NOW * 1000);
    const entry = { message: "", environment: {}, config: {}, version: 1, startTime, endTime: startTime };
    const all = [
      { ...entry, kind: "refresh", result: "succeeded" },
      { ...entry, kind: "update", result: "failed", resourceChanges: { create: 2, same: 60, delete: 1 } },
    ];
    const history = (): Promise<never> => Promise.resolve(all as never);
    assert.deepEqual(await lastChange({ history }), {
      at: NOW,
      kind: "update",
      result: "failed",
      resources: "2 created, 1 deleted",
    });
    assert.equal(await lastChange({ history: () => Promise.resolve([]) }), null);
  });
});

describe("a size for people", () => {
  it("has two digits at least, by powers of 1024", () => {
    const sizes = [0, 512, 1536, 20 * MB, 1.5 * 1024 * MB, 4096 * 1024 * 1024 * MB];
    assert.deepEqual(sizes.map(size), ["0 B", "512 B", "1.5 KB", "20 MB", "1.5 GB", "4096 TB"]);
  });
});
