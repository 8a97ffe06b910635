import assert from "node:assert/strict";
import { asset } from "../../components/lib/assets.ts";
import { redisConf } from "../../components/cache/redis-conf.ts";
import { daemonJson } from "../../components/host/render/daemon.ts";
import { postgresqlConf } from "../../components/database/postgresql-conf.ts";
import { fill } from "../../components/lib/fill.ts";
import { sortedJson } from "../../components/lib/sorted-json.ts";
import { haproxyCfg, upstreamFiles } from "../../components/switch/haproxy-cfg.ts";
import { pidsFor, workersFor } from "../../components/service/workers.ts";
import { parsed } from "../support/settings.ts";

const MEGABYTE = 1024 ** 2;

describe("templates", () => {
  it("keep the indentation of a line and drop an empty one", () => {
    assert.equal(fill("a {\n  {{b}}\n  {{c}}\n}\n", { b: "x;\ny;", c: "" }), "a {\n  x;\n  y;\n}\n");
  });

  it("refuse a placeholder without a value, and a value without a placeholder", () => {
    assert.throws(() => fill("{{a}}", {}), /no value for \{\{a\}\}/);
    assert.throws(() => fill("a", { b: 1 }), /no place for b/);
  });

  it("give the same JSON whatever the order of keys", () => {
    assert.equal(sortedJson({ b: [{ d: 1, c: 2 }], a: null }), '{"a":null,"b":[{"c":2,"d":1}]}');
  });
});

describe("postgresql.conf", () => {
  const value = (text: string, name: string): string => new RegExp(`^${name} = (\\S+)`, "m").exec(text)![1]!;

  it("follows the memory that the container gets", () => {
    const small = postgresqlConf({ memory: 512 * MEGABYTE, maxConnections: 100 });
    const large = postgresqlConf({ memory: 8192 * MEGABYTE, maxConnections: 100 });
    assert.deepEqual(
      ["shared_buffers", "effective_cache_size"].map((name) => value(small, name)),
      ["128MB", "384MB"],
    );
    assert.deepEqual(
      ["shared_buffers", "effective_cache_size"].map((name) => value(large, name)),
      ["2048MB", "6144MB"],
    );
    assert.equal(value(large, "maintenance_work_mem"), "512MB");
  });

  it("takes buffers, work memory and the planner's idea of the cache from the settings", () => {
    const { database } = parsed({
      database: { memory: "1 GB", sharedBuffers: "384 MB", workMemory: "6 MB", effectiveCache: "3 GB" },
    }).config;
    const text = postgresqlConf(database);
    assert.deepEqual(
      ["shared_buffers", "work_mem", "effective_cache_size", "maintenance_work_mem"].map((name) =>
        value(text, name),
      ),
      ["384MB", "6144kB", "3072MB", "64MB"],
    );
  });

  it("never promises its connections more memory than there is", () => {
    for (const memory of [128, 256, 512, 4096]) {
      const text = postgresqlConf({ memory: memory * MEGABYTE, maxConnections: 20 });
      const work = (parseInt(value(text, "work_mem"), 10) / 1024) * 20;
      assert.ok(work + parseInt(value(text, "shared_buffers"), 10) <= memory, `${memory} MB`);
    }
  });

  it("lets the superuser in over the container's own socket only", () => {
    assert.match(
      asset("database/pg_hba.conf"),
      /^local all postgres peer\nlocal all all reject\nhost all postgres all reject$/m,
    );
  });
});

describe("redis.conf", () => {
  it("carries limit, policy and both kinds of persistence", () => {
    const text = redisConf({ memory: 256 * MEGABYTE, policy: "allkeys-lru" });
    assert.match(text, /^maxmemory 268435456$/m);
    assert.match(text, /^maxmemory-policy allkeys-lru$/m);
    assert.match(text, /^appendonly yes$/m);
    assert.match(text, /^save 3600 1/m);
    assert.match(text, /^aclfile /m);
  });
});

describe("daemon.json", () => {
  it("rotates logs at 3 × 10 MB and keeps containers alive", () => {
    const daemon = JSON.parse(daemonJson(["b:1", "a:1"])) as Record<string, unknown>;
    assert.deepEqual(daemon["log-opts"], { "max-size": "10m", "max-file": "3", labels: "service,app" });
    assert.equal(daemon["live-restore"], true);
    assert.deepEqual(daemon["insecure-registries"], ["a:1", "b:1"]);
  });
});

describe("haproxy.cfg", () => {
  const { config } = parsed();

  it("offers metrics only when the switch is on", () => {
    const on = haproxyCfg(config.trafficSwitch, 8, config.edge, { switchMetrics: true });
    const off = haproxyCfg(config.trafficSwitch, 8, config.edge, { switchMetrics: false });
    assert.match(on, /prometheus-exporter/);
    assert.doesNotMatch(off, /prometheus-exporter/);
  });

  it("has timeouts in whole numbers, which is all that HAProxy reads", () => {
    const { edge } = parsed({ edge: { proxyTimeout: "1.5 s" } }).config;
    const text = haproxyCfg(config.trafficSwitch, 8, edge, config.monitoring);
    assert.match(text, /timeout server 1500ms\n {2}timeout tunnel 86400s\n/);
  });

  it("keeps subdomains with an upstream apart from the names that are its own", () => {
    const template = asset("switch/haproxy.cfg");
    const taken = [...template.matchAll(/(?:frontend |backend |\/run\/switch\/)_(\w+)/g)].map(
      ([, name]) => name!,
    );
    assert.deepEqual(new Set(taken), new Set(["admin", "status"]));
    const subdomains = Object.fromEntries(
      [...taken, "blog"].map((name) => [name, { upstream: `${name}:3001` }]),
    );
    const { edge } = parsed({ edge: { subdomains } }).config;
    const own = haproxyCfg(config.trafficSwitch, 8, edge, config.monitoring);
    const text = [own, ...Object.values(upstreamFiles(edge))].join("\n");
    for (const kind of ["\nfrontend ", "\nbackend ", "unix@/run/switch/"]) {
      const names = [...text.matchAll(new RegExp(`${kind}(\\S+)`, "g"))].map(([, name]) => name);
      assert.deepEqual(names, [...new Set(names)]);
    }
    assert.match(text, /frontend _blog\n/);
  });
});

describe("workers and their limit of processes", () => {
  it("depend on what a container may use, not on the server's processors, and fit in for every reload", () => {
    for (const cpus of [0.1, 1, 2, 3.5, 64]) {
      const workers = workersFor(cpus);
      assert.ok(workers >= 2 && workers >= cpus);
      for (const old of [1, 8, 64]) assert.ok(pidsFor(cpus, old) > (old + 1) * workers + workers + 1);
    }
    assert.deepEqual([workersFor(1), pidsFor(1, 8)], [2, 128]);
    const { trafficSwitch, edge, monitoring } = parsed({ trafficSwitch: { cpus: 3.5 } }).config;
    assert.match(haproxyCfg(trafficSwitch, 8, edge, monitoring), /nbthread 4\n/);
  });
});
