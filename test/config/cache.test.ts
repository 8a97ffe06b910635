import assert from "node:assert/strict";
import { check } from "../../config/check/index.ts";
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
