import assert from "node:assert/strict";
import { checkGenerated } from "../../config/check/secrets.ts";
import { check, checkImages } from "../../config/check/index.ts";
import { RESERVED } from "../../config/reserved.ts";
import { credentialsOf } from "../../config/dns-plugins.ts";
import { digest, MINIMAL, parsed } from "../support/settings.ts";

const image = `ghcr.io/me/api@${digest("a")}`;

/** Paths of the problems of an otherwise good configuration. */
function paths(settings: Record<string, unknown>, secrets: string[] = []): string[] {
  const { config } = parsed({ apps: { api: { image, port: 80 } }, ...settings });
  const found = check("test", config, Object.fromEntries(secrets.map((name) => [name, "s3cret"])));
  for (const { message, remedy } of found) assert.ok(message && remedy);
  return found.map(({ path }) => path);
}

const app = (more: object): object => ({ image, port: 80, ...more });

describe("checks between settings", () => {
  it("accept a good configuration", () => assert.deepEqual(paths({}), []));

  it("want the host key of a server with an address", () => {
    assert.deepEqual(paths({ server: { address: "203.0.113.7" } }), ["server.hostKey"]);
    assert.deepEqual(paths({ server: { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA" } }), []);
  });

  it("let a server with an address have images of this machine, and want server.registry of no box", () => {
    const server = { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA" };
    const apps = { api: app({ image: `registry.fairlead.internal:5000/api@${digest("a")}` }) };
    assert.deepEqual(paths({ server, images: "debian", apps }), []);
    const registry = "10.0.0.5:5000";
    assert.deepEqual(paths({ server: { ...server, registry }, images: "debian", apps }), []);
    assert.deepEqual(paths({ server: { registry } }), ["server.registry"]);
  });

  it("find needs that lead nowhere, to what is off, or round in a circle", () => {
    assert.deepEqual(paths({ apps: { api: app({ needs: ["web"] }) } }), ["apps.api.needs[0]"]);
    assert.deepEqual(paths({ apps: { api: app({ needs: ["cache"] }) }, cache: { enabled: false } }), [
      "apps.api.needs[0]",
    ]);
    const circle = {
      api: app({ needs: ["web"] }),
      web: app({ needs: ["job"] }),
      job: app({ needs: ["api"] }),
    };
    assert.equal(paths({ apps: circle }).length, 3);
    assert.deepEqual(
      paths({ apps: { api: app({ needs: ["database", "cache"] }), web: app({ needs: ["api"] }) } }),
      [],
    );
  });

  it("find what no process could be started with", () => {
    const big = "x".repeat(131_072 - "BIG=".length - 1);
    const environment = (value: object): Record<string, unknown> => ({
      apps: { api: app({ environment: value }) },
    });
    assert.deepEqual(paths(environment({ BIG: big })), []);
    assert.deepEqual(paths(environment({ BIG: `${big}x` })), ["apps.api.environment.BIG"]);
    assert.deepEqual(paths(environment({ BIG: "é".repeat(65_536) })), ["apps.api.environment.BIG"]);
    const many = Object.fromEntries(
      Array.from({ length: 13 }, (_, index) => [`N${index}`, "x".repeat(125_000)]),
    );
    assert.deepEqual(paths(environment(many)), ["apps.api.environment"]);
    const { N0: _one, ...fewer } = many;
    assert.deepEqual(paths(environment(fewer)), []);
  });

  it("find a secret that is too large for a variable, and accept it as a file", () => {
    for (const [secretsAs, expected] of [
      ["environment", ["TOKEN"]],
      ["file", []],
    ] as const) {
      const { config } = parsed({ apps: { api: app({ secrets: ["TOKEN"], secretsAs }) } });
      const found = check("test", config, { TOKEN: "s".repeat(200_000) });
      assert.deepEqual(
        found.map(({ path }) => path),
        expected,
      );
      assert.ok(!JSON.stringify(found).includes("sss"));
    }
  });

  it("find a route that two applications claim", () => {
    const routes = [{ path: "/" }];
    assert.deepEqual(paths({ apps: { api: app({ routes }), web: app({ routes }) } }), [
      "apps.web.routes[0].path",
    ]);
  });

  it("keep the stack's own names for the stack", () => {
    for (const name of RESERVED.keys())
      assert.deepEqual(paths({ apps: { [name]: app({}) }, monitoring: { enabled: true } }), [`apps.${name}`]);
    assert.deepEqual(paths({ apps: { prometheus: app({}) } }), []);
    for (const name of ["status", "admin", "nginx", "haproxy", "web", "default"])
      assert.deepEqual(paths({ apps: { [name]: app({}) } }), [], name);
  });

  it("find a missing secret, and one that the stack makes itself", () => {
    const apps = { api: app({ secrets: ["API_KEY", "DATABASE_URL", "POSTGRES_PASSWORD"] }) };
    assert.deepEqual(paths({ apps }), ["apps.api.secrets[0]", "apps.api.secrets[1]"]);
    assert.deepEqual(paths({ apps }, ["API_KEY"]), ["apps.api.secrets[1]"]);
  });

  it("refuse a secret that is empty or can't be a password, and show no value", () => {
    const { config } = parsed({
      apps: { api: { image, port: 80, secrets: ["API_KEY", "TLS_KEY"] } },
      certificates: { email: "ops@example.com", challenge: "dns-01", dns: { plugin: "ovh" } },
      domain: "example.com",
    });
    const dns = Object.values(credentialsOf(config.certificates.dns).secrets);
    const good = Object.fromEntries(["API_KEY", ...dns].map((name) => [name, "x"]));
    const look = (more: object): string[] =>
      check("test", config, { ...good, TLS_KEY: "first\nsecond", ...more }).map(
        ({ path, message, remedy }) => {
          assert.ok(!message.includes("val") && remedy.endsWith(`config set --secret ${path} --stack test`));
          return `${path}: ${message.replace(/.*, found/, "found")}`;
        },
      );
    assert.deepEqual(look({}), []);
    assert.deepEqual(look({ POSTGRES_PASSWORD: "", API_KEY: " \n", REDIS_PASSWORD: "val\nval" }), [
      "API_KEY: found nothing but white space",
      "POSTGRES_PASSWORD: found an empty one",
      "REDIS_PASSWORD: found a line break in it",
    ]);
    assert.deepEqual(look({ TLS_KEY: "val\0", [dns[0]!]: "val\rval" }), [
      `${dns[0]}: found a line break in it`,
      "TLS_KEY: found a NUL character in it",
    ]);
  });

  it("find traffic for an application that doesn't exist, with the one that was probably meant", () => {
    const traffic = [{ image, weight: 1 }];
    const { config } = parsed({
      apps: { api: { image, port: 80 } },
      releases: { apy: traffic, other: traffic },
    });
    const [near, far] = check("test", config, {});
    assert.deepEqual([near!.path, near!.message], ["releases.apy", 'expected one of api, found "apy"']);
    assert.match(near!.remedy, /Did you mean "api"\? .*Pulumi\.test\.yaml/);
    assert.equal(far!.path, "releases.other");
    assert.doesNotMatch(far!.remedy, /Did you mean/);
  });

  it("find a release that is there twice, by a tag with the same digest too", () => {
    const twice = (...images: string[]): string[] =>
      paths({
        digests: { "ghcr.io/me/api:1": digest("a"), "ghcr.io/me/api:2": digest("b") },
        releases: { api: images.map((one) => ({ image: one, weight: 1 })) },
      });
    assert.deepEqual(twice(image, "ghcr.io/me/api:2"), []);
    assert.deepEqual(twice(image, "ghcr.io/me/api:2", image), ["releases.api[2].image"]);
    assert.deepEqual(twice(image, "ghcr.io/me/api:1"), ["releases.api[1].image"]);
  });

  it("never deploy a tag without a recorded digest", () => {
    const unpinned = (settings: Record<string, unknown>): string[] =>
      checkImages("test", parsed({ ...MINIMAL, ...settings }).config).map(({ path }) => path);
    assert.deepEqual(unpinned({}), ["apps.api.image"]);
    assert.deepEqual(unpinned({ digests: { "ghcr.io/me/api:1.0.0": digest("b") } }), []);
    assert.deepEqual(unpinned({ releases: { api: [{ image, weight: 1 }] } }), []);
  });

  it("never send traffic to a tag: set-up wouldn't record its digest", () => {
    const releases = { api: [{ image: "ghcr.io/me/api:2.0.0", weight: 1 }] };
    assert.deepEqual(paths({ ...MINIMAL, releases }), ["releases.api[0].image"]);
    const [one] = check("test", parsed({ releases }).config, {});
    assert.equal(one!.remedy, "Write the image as repository@sha256:…");
  });
});

describe("the passwords of the stack's own stores", () => {
  const missing = (database: boolean, cache: boolean, ...set: string[]): string[] => {
    const config = {
      database: { enabled: database },
      cache: { enabled: cache },
      monitoring: parsed().config.monitoring,
      apps: {},
    };
    return checkGenerated("test", config, (name) => set.includes(name)).map(
      ({ path, remedy }) => `${path}: ${remedy}`,
    );
  };

  it("are missing where nobody has set one that is needed, with set-up as the remedy", () => {
    const [postgres, redis, ...more] = missing(true, true);
    assert.match(
      postgres!,
      /^POSTGRES_PASSWORD: npm run setup -- --stack test makes it; or set one: npx pulumi/,
    );
    assert.match(redis!, /^REDIS_PASSWORD: npm run setup -- --stack test makes it/);
    assert.deepEqual(more, []);
  });

  it("are no problem where they are set, or their store is off", () => {
    assert.deepEqual(missing(true, true, "POSTGRES_PASSWORD", "REDIS_PASSWORD"), []);
    assert.deepEqual(missing(false, false), []);
    assert.equal(missing(false, true, "POSTGRES_PASSWORD").length, 1);
  });
});
