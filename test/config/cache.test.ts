import assert from "node:assert/strict";
import { check } from "../../config/check/index.ts";
import { infrastructureOf } from "../../config/images.ts";
import { generatedFor } from "../../config/secrets.ts";
import { digest, parsed } from "../support/settings.ts";

const image = `ghcr.io/me/api@${digest("a")}`;
const app = (more: object): object => ({ image, port: 80, ...more });
const paths = (apps: Record<string, object>, cache: object = {}): string[] =>
  check("test", parsed({ apps, cache }).config, {}).map(({ path }) => path);

describe("an application's own user of the cache", () => {
  it("has a prefix, of the application's name or another, which values may hold", () => {
    const environment = { PREFIX: "{{cache.prefix}}", URL: "{{cache.url}}" };
    assert.deepEqual(paths({ a: app({ cache: {}, environment }), b: app({ cache: { prefix: "x:" } }) }), []);
    assert.deepEqual(paths({ a: app({ needs: ["cache"], environment }) }), ["apps.a.environment.PREFIX"]);
  });

  it("is refused with another's prefix, where Redis is off, and where others could read it", () => {
    assert.deepEqual(paths({ a: app({ cache: {} }), b: app({ cache: { prefix: "a:" } }) }), [
      "apps.b.cache.prefix",
    ]);
    assert.deepEqual(paths({ a: app({ cache: {} }) }, { enabled: false }), ["apps.a.cache"]);
    assert.deepEqual(paths({ a: app({ cache: {} }), b: app({ needs: ["cache"] }) }), ["apps.a.cache"]);
    assert.deepEqual(paths({ a: app({ cache: {} }), b: app({ needs: ["cache"], cache: {} }) }), []);
  });

  it("queues only where nothing is evicted", () => {
    const apps = { a: app({ cache: { queue: true } }) };
    assert.deepEqual(paths(apps), ["apps.a.cache.queue"]);
    assert.deepEqual(paths(apps, { policy: "volatile-lru" }), ["apps.a.cache.queue"]);
    assert.deepEqual(paths(apps, { policy: "noeviction" }), []);
  });

  it("takes no prefix that could be part of another's", () => {
    for (const prefix of ["shop", "a:b:", "*:", ""])
      assert.throws(() => parsed({ apps: { a: app({ cache: { prefix } }) } }), /apps\.a\.cache\.prefix/);
  });
});

describe("a Redis of an application's own", () => {
  const own = (more: object = {}): object => ({ dedicated: true, ...more });
  const OFF = { enabled: false };

  it("needs neither the stack's Redis nor a prefix, and leaves the users of that alone", () => {
    const environment = { URL: "{{cache.url}}", HOST: "{{cache.host}}" };
    const settings = { memory: "64 MB", policy: "noeviction", cpus: 0.25, queue: true, name: "till" };
    assert.deepEqual(paths({ a: app({ cache: own(settings), environment }) }, OFF), []);
    assert.deepEqual(paths({ a: app({ needs: ["cache"], cache: own() }) }, OFF), []);
    assert.deepEqual(paths({ a: app({ cache: own() }), b: app({ needs: ["cache"] }), c: app({}) }), []);
    assert.deepEqual(paths({ a: app({ cache: own() }), b: app({ cache: {} }) }), []);
    assert.deepEqual(paths({ a: app({ cache: own(), environment: { PREFIX: "{{cache.prefix}}" } }) }), [
      "apps.a.environment.PREFIX",
    ]);
  });

  it("has no settings of a user of the stack's Redis, nor that those of its own", () => {
    assert.deepEqual(paths({ a: app({ cache: own({ prefix: "a:", scan: true }) }) }), [
      "apps.a.cache.prefix",
      "apps.a.cache.scan",
    ]);
    const settings = { name: "b", memory: "64 MB", policy: "noeviction", cpus: 1 };
    assert.deepEqual(
      paths({ a: app({ cache: settings }) }),
      ["name", "memory", "policy", "cpus"].map((one) => `apps.a.cache.${one}`),
    );
    for (const wrong of [{ memory: "1 MB" }, { policy: "lru" }, { cpus: 0 }, { name: "A_b" }])
      assert.throws(
        () => parsed({ apps: { a: app({ cache: own(wrong) }) } }),
        new RegExp(`apps\\.a\\.cache\\.${Object.keys(wrong)[0]}`),
      );
  });

  it("queues where it evicts nothing", () => {
    assert.deepEqual(paths({ a: app({ cache: own({ queue: true, policy: "allkeys-lru" }) }) }), [
      "apps.a.cache.queue",
    ]);
    assert.deepEqual(paths({ a: app({ cache: own({ queue: true }) }) }, { policy: "allkeys-lru" }), []);
  });

  it("has a name that no application, gateway or other Redis has", () => {
    assert.deepEqual(paths({ a: app({ cache: own() }), "cache-a": app({}) }), ["apps.a.cache.dedicated"]);
    assert.deepEqual(paths({ a: app({ cache: own() }), b: app({ cache: own({ name: "a" }) }) }), [
      "apps.b.cache.name",
    ]);
    const called = { "cache-b": app({}), c: app({ needs: ["cache-b"] }) };
    assert.deepEqual(paths({ a: app({ cache: own({ name: "b-gateway" }) }), ...called }), [
      "apps.a.cache.name",
    ]);
  });
});

describe("what a stack needs for a Redis of an application's own, where its own is off", () => {
  const settings = (cache: object) =>
    parsed({ cache: { enabled: false }, apps: { a: app({ cache }) } }).config;

  it("is Redis's image, and the password that its own is made from", () => {
    const { config } = parsed({ cache: { enabled: false } });
    const images = (one: typeof config) => infrastructureOf(one).map(({ service }) => service);
    assert.deepEqual(images(settings({ dedicated: true })), ["database", "cache", "switch", "edge"]);
    assert.deepEqual(images(config), ["database", "switch", "edge"]);
    assert.deepEqual(generatedFor(settings({ dedicated: true })), ["POSTGRES_PASSWORD", "REDIS_PASSWORD"]);
    assert.deepEqual(generatedFor(config), ["POSTGRES_PASSWORD"]);
  });
});
