import assert from "node:assert/strict";
import { parse } from "../../config/parse.ts";
import { ConfigError, join, nearest } from "../../config/problems.ts";
import { MINIMAL, parsed, raw } from "../support/settings.ts";

/** Path of every problem of a configuration that must be refused. */
function problems(settings: Record<string, unknown>): { path: string; message: string; remedy: string }[] {
  try {
    parse("fairlead", "test", raw(settings));
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return [...error.problems];
  }
  throw new assert.AssertionError({ message: "the configuration was accepted" });
}

const api = MINIMAL.apps.api;
const withApi = (more: object): Record<string, unknown> => ({
  ...MINIMAL,
  apps: { api: { ...api, ...more } },
});

const withJob = (more: object): Record<string, unknown> =>
  withApi({ jobs: { nightly: { command: ["true"], schedule: "0 3 * * *", ...more } } });

describe("the stack file", () => {
  it("fills in maicivy's figures", () => {
    const { config } = parsed();
    assert.equal(config.name, "maicivy");
    assert.equal(config.images, "official");
    assert.equal(config.cache.memory, 256 * 1024 ** 2);
    assert.equal(config.cache.policy, "allkeys-lru");
    assert.equal(config.edge.maxBody, 10 * 1024 ** 2);
    assert.equal(config.edge.proxyTimeout, 60);
    assert.equal(config.edge.websocketTimeout, 86400);
    assert.equal(config.edge.keepalive, 32);
    const { health, resources } = config.apps.api!;
    assert.deepEqual([health.interval, health.timeout, health.retries], [30, 10, 3]);
    assert.deepEqual([resources.cpus, resources.memory], [2, 2 * 1024 ** 3]);
  });

  it("keeps secrets apart from settings", () => {
    const { secrets } = parse("fairlead", "test", {
      ...raw(MINIMAL),
      "fairlead:API_KEY": "k",
      "other:TOKEN": "t",
    });
    assert.deepEqual(secrets, { API_KEY: "k" });
  });

  const bad: [string, Record<string, unknown>, string, RegExp][] = [
    ["no domain", { apps: MINIMAL.apps }, "domain", /found nothing/],
    ["a domain without a dot", { ...MINIMAL, domain: "localhost" }, "domain", /a domain name such as/],
    ["no application", { domain: MINIMAL.domain }, "apps", /found nothing/],
    ["an empty list of applications", { ...MINIMAL, apps: {} }, "apps", /at least one application/],
    ["an unknown image set", { ...MINIMAL, images: "alpine" }, "images", /one of official, debian/],
    ["a port that is a word", withApi({ port: "http" }), "apps.api.port", /expected a number, found "http"/],
    ["a port of 0", withApi({ port: 0 }), "apps.api.port", /at least 1/],
    ["a port of 65536", withApi({ port: 65536 }), "apps.api.port", /at most 65535/],
    ["a port with a fraction", withApi({ port: 80.5 }), "apps.api.port", /./],
    [
      "statuses in words",
      withApi({ health: { status: "ok" } }),
      "apps.api.health.status",
      /statuses such as/,
    ],
    ["a status of 99", withApi({ health: { status: 99 } }), "apps.api.health.status", /statuses such as/],
    ["a host with a path", withApi({ health: { host: "a.b/c" } }), "apps.api.health.host", /a host name/],
    ["a live check as a word", withApi({ health: { live: "yes" } }), "apps.api.health.live", /./],
    [
      "a start period as a number",
      withApi({ health: { startPeriod: 5 } }),
      "apps.api.health.startPeriod",
      /./,
    ],
    ["an image with blanks", withApi({ image: "a b" }), "apps.api.image", /an image reference/],
    [
      "an image with a short digest",
      withApi({ image: "a@sha256:12" }),
      "apps.api.image",
      /an image reference/,
    ],
    ["an application in upper case", { ...MINIMAL, apps: { API: api } }, "apps.API", /lower-case/],
    [
      "a size without a unit",
      withApi({ resources: { memory: "512" } }),
      "apps.api.resources.memory",
      /a size such as/,
    ],
    [
      "a size that is a number",
      withApi({ resources: { memory: 512 } }),
      "apps.api.resources.memory",
      /expected a string/,
    ],
    ["no CPU", withApi({ resources: { cpus: 0 } }), "apps.api.resources.cpus", /./],
    ["too few processes", withApi({ resources: { pids: 1 } }), "apps.api.resources.pids", /at least 16/],
    ["a job without a command", withJob({ command: undefined }), "apps.api.jobs.nightly.command", /nothing/],
    ["a job with an empty command", withJob({ command: [] }), "apps.api.jobs.nightly.command", /at least 1/],
    ["a job as one text", withJob({ command: "a b" }), "apps.api.jobs.nightly.command", /expected a list/],
    [
      "a job without a schedule",
      withJob({ schedule: undefined }),
      "apps.api.jobs.nightly.schedule",
      /found nothing/,
    ],
    [
      "a schedule that cron hasn't",
      withJob({ schedule: "0 0 L * *" }),
      "apps.api.jobs.nightly.schedule",
      /expected a day of the month that cron has: "L" .* found "0 0 L \* \*"/,
    ],
    [
      "a schedule that never comes",
      withJob({ schedule: "0 0 30 2 *" }),
      "apps.api.jobs.nightly.schedule",
      /none of its months has/,
    ],
    [
      "a time zone that is none",
      withJob({ timeZone: "Europe/Pari" }),
      "apps.api.jobs.nightly.timeZone",
      /a time zone such as/,
    ],
    [
      "a time zone in lower case, which systemd doesn't find",
      withJob({ timeZone: "europe/paris" }),
      "apps.api.jobs.nightly.timeZone",
      /a time zone such as/,
    ],
    ["a job without time", withJob({ timeout: "0 s" }), "apps.api.jobs.nightly.timeout", /at least 1 s/],
    ["too many retries", withJob({ retries: 11 }), "apps.api.jobs.nightly.retries", /at most 10/],
    ["a job in upper case", withApi({ jobs: { Nightly: {} } }), "apps.api.jobs.Nightly", /lower-case/],
    ["a job's unknown setting", withJob({ timezone: "UTC" }), "apps.api.jobs.nightly.timezone", /unknown/],
    ["no replica", withApi({ replicas: 0 }), "apps.api.replicas", /at least 1/],
    ["too many replicas", withApi({ replicas: 9 }), "apps.api.replicas", /at most 8/],
    [
      "a health path without a slash",
      withApi({ health: { path: "health" } }),
      "apps.api.health.path",
      /a path such as/,
    ],
    [
      "a health path that breaks out",
      withApi({ health: { path: "/a;b {" } }),
      "apps.api.health.path",
      /a path such as/,
    ],
    [
      "a route that breaks out",
      withApi({ routes: [{ path: "/a}\nserver{" }] }),
      "apps.api.routes[0].path",
      /a path such as/,
    ],
    [
      "a variable with a blank in its name",
      withApi({ environment: { "a b": "x" } }),
      "apps.api.environment.a b",
      /a name such as/,
    ],
    [
      "a variable that is a number with a fraction, which YAML may spell otherwise",
      withApi({ environment: { PATH: 1.1 } }),
      "apps.api.environment.PATH",
      /expected a text, in quotes, found 1\.1/,
    ],
    [
      "an extension with a quote",
      withApi({ database: { extensions: ['x"'] } }),
      "apps.api.database.extensions[0]",
      /an extension such as/,
    ],
    ["a database that is a word", withApi({ database: "shop" }), "apps.api.database", /a group of settings/],
    ["a database without a name", withApi({ databases: { "": {} } }), "apps.api.databases.", /lower-case/],
    ["secrets that are one word", withApi({ secrets: "KEY" }), "apps.api.secrets", /a list of names/],
    [
      "a secret in lower case under another name",
      withApi({ secrets: { key: "key" } }),
      "apps.api.secrets.key",
      /upper-case/,
    ],
    ["a domain that a shell would fill in", { ...MINIMAL, domain: "${DOMAIN}" }, "domain", /a domain name/],
    ["a secret in lower case", withApi({ secrets: ["key"] }), "apps.api.secrets[0]", /upper-case/],
    ["a user by name", withApi({ user: "node" }), "apps.api.user", /a numeric user/],
    [
      "secrets in a place that doesn't exist",
      withApi({ secretsAs: "args" }),
      "apps.api.secretsAs",
      /one of file, environment/,
    ],
    ["a duration in words", withApi({ drain: "a while" }), "apps.api.drain", /a duration such as/],
    ["a part of a millisecond", withApi({ drain: "0.4 ms" }), "apps.api.drain", /a duration such as/],
    ["a part of a second for Docker", withApi({ stop: "1.5 s" }), "apps.api.stop", /whole seconds/],
    [
      "a part of a second for an HTTP header",
      { ...MINIMAL, edge: { hsts: "500 ms" } },
      "edge.hsts",
      /whole seconds/,
    ],
    [
      "a timeout that HAProxy can't count",
      { ...MINIMAL, edge: { websocketTimeout: "25 d" } },
      "edge.websocketTimeout",
      /from 1 ms to 24 d/,
    ],
    ["no timeout", { ...MINIMAL, edge: { proxyTimeout: "0 s" } }, "edge.proxyTimeout", /from 1 ms to 24 d/],
    ...["many", "0100:30:200", "100:0:200", "100:101:200", "300:30:200"].map(
      (maxStartups): [string, Record<string, unknown>, string, RegExp] => [
        `${maxStartups} for sshd`,
        { ...MINIMAL, server: { ssh: { maxStartups } } },
        "server.ssh.maxStartups",
        /such as 100:30:200/,
      ],
    ),
    ["an unknown setting of an application", withApi({ replica: 2 }), "apps.api.replica", /unknown setting/],
    ["an unknown setting", { ...MINIMAL, domian: "x.test" }, "domian", /unknown setting/],
    [
      "an unknown setting of the server",
      { ...MINIMAL, server: { adress: "x" } },
      "server.adress",
      /unknown setting/,
    ],
    [
      "a host key that is a fingerprint",
      { ...MINIMAL, server: { hostKey: "SHA256:abc" } },
      "server.hostKey",
      /a public key/,
    ],
    ["a user with blanks", { ...MINIMAL, server: { user: "a b" } }, "server.user", /a user name/],
    [
      "two ports that are the same",
      { ...MINIMAL, server: { box: { ports: { ssh: 8080 } } } },
      "server.box.ports",
      /three different/,
    ],
    [
      "a time zone with a path",
      { ...MINIMAL, server: { timezone: "../etc/passwd" } },
      "server.timezone",
      /a time zone/,
    ],
    [
      "a package that is an option",
      { ...MINIMAL, server: { packages: ["-o"] } },
      "server.packages[0]",
      /Debian package/,
    ],
    [
      "a database name with a quote",
      { ...MINIMAL, database: { name: 'a"b' } },
      "database.name",
      /identifier/,
    ],
    [
      "too few connections",
      { ...MINIMAL, database: { maxConnections: 1 } },
      "database.maxConnections",
      /at least 10/,
    ],
    [
      "less work memory than Postgres takes",
      { ...MINIMAL, database: { workMemory: "1 KB" } },
      "database.workMemory",
      /at least 64 KB/,
    ],
    [
      "buffers without a unit",
      { ...MINIMAL, database: { sharedBuffers: 128 } },
      "database.sharedBuffers",
      /string/,
    ],
    ["an unknown cache policy", { ...MINIMAL, cache: { policy: "lru" } }, "cache.policy", /allkeys-lru/],
    [
      "a switch that is a word",
      { ...MINIMAL, monitoring: { edgeStatus: "yes" } },
      "monitoring.edgeStatus",
      /a boolean/,
    ],
    ["a digest that is none", { ...MINIMAL, digests: { "a:1": "latest" } }, "digests.a:1", /sha256/],
    [
      "traffic without weight",
      { ...MINIMAL, releases: { api: [{ image: "a:1", weight: 0 }] } },
      "releases.api",
      /above 0/,
    ],
    ["settings that are no group", { ...MINIMAL, edge: "fast" }, "edge", /a group of settings/],
  ];
  for (const [what, settings, path, message] of bad) {
    it(`refuses ${what}`, () => {
      const found = problems(settings);
      assert.deepEqual(
        found.map((problem) => problem.path),
        [path],
      );
      assert.match(found[0]!.message, message);
      assert.ok(found[0]!.remedy.length > 10);
    });
  }

  it("names every problem at once, missing secrets too", () => {
    const found = problems({
      domain: "x",
      apps: { api: { ...api, port: "x", secrets: ["API_KEY"] } },
      zzz: "1",
    });
    assert.deepEqual(
      found.map(({ path }) => path),
      ["domain", "apps.api.port", "zzz", "apps.api.secrets[0]"],
    );
  });

  it("names an empty secret together with the mistakes of form", () => {
    const found = problems({ ...MINIMAL, zzz: "1", POSTGRES_PASSWORD: "" });
    assert.deepEqual(
      found.map(({ path }) => path),
      ["zzz", "POSTGRES_PASSWORD"],
    );
  });

  it("suggests the setting that was probably meant", () => {
    assert.match(problems(withApi({ helth: {} }))[0]!.remedy, /Did you mean "health"/);
    // Also where text would do as well.
    const [{ path, message, remedy }, ...others] = problems(
      withApi({ tmpfs: { "/run": { sise: "1 MB", size: "1 MB" } } }),
    ) as [ReturnType<typeof problems>[number]];
    assert.deepEqual([path, message, others], ["apps.api.tmpfs./run.sise", "unknown setting", []]);
    assert.match(remedy, /Did you mean "size"/);
    assert.equal(nearest("prot", ["port", "image"]), "port");
    assert.equal(nearest("something", ["port"]), undefined);
    assert.equal(join(["a", 0, "b"]), "a[0].b");
  });

  it("says nothing of a secret's value", () => {
    const settings = { ...raw({ ...MINIMAL, zzz: "1" }), "fairlead:API_KEY": "s3cr3t-value" };
    assert.throws(
      () => parse("fairlead", "test", settings),
      (error: Error) => !error.message.includes("s3cr3t"),
    );
  });

  it("never shows what stands where a secret's name belongs", () => {
    const password = "ghp_pasted";
    const found = problems({
      ...withApi({ secrets: { KEY: password } }),
      registries: { "ghcr.io": { username: "me", password } },
    });
    assert.deepEqual(
      found.map(({ path }) => path),
      ["apps.api.secrets.KEY", "registries.ghcr.io.password"],
    );
    assert.ok(found.every(({ message, remedy }) => !`${message}${remedy}`.includes(password)));
  });
});
