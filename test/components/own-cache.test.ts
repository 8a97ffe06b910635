import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { load } from "../../config/load.ts";
import { declareStack } from "../../stack.ts";
import { digest, MINIMAL, raw } from "../support/settings.ts";

const API = `ghcr.io/me/api@${digest("a")}`;
const SETTINGS = {
  ...MINIMAL,
  name: "shop",
  server: { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA" },
  cache: { enabled: false },
  apps: {
    api: {
      image: API,
      port: 8080,
      needs: ["cache"],
      cache: { dedicated: true, name: "till", memory: "32 MB", policy: "volatile-ttl" },
      environment: { FIRST: "{{cache.host}}", SECOND: "redis://x:{{cache.password}}@{{cache.host}}/1" },
      routes: [{ path: "/" }],
    },
    web: { image: API, port: 8081, cache: { dedicated: true }, secretsAs: "environment" },
  },
  digests: {
    "postgres:15.19-alpine": digest("1"),
    "redis:7.4.11-alpine": digest("2"),
    "haproxy:3.0.26-alpine": digest("3"),
    "nginx:1.30.4-alpine": digest("4"),
  },
};

/** A secret reaches a mock as an object around its value. */
const plain = (text: string | { value: string }): string => (typeof text === "string" ? text : text.value);

describe("a Redis of an application's own, where the stack's is off", () => {
  const registered: pulumi.runtime.MockResourceArgs[] = [];
  const inputs = (type: RegExp, name: string): Record<string, any> => {
    const found = registered.find((one) => type.test(one.type) && one.name.startsWith(name));
    assert.ok(found, `${type} ${name} is registered`);
    return found.inputs as Record<string, any>;
  };
  const container = (name: string): Record<string, any> => inputs(/Container$/, name);
  const stdin = (name: string): Record<string, any> =>
    JSON.parse(plain(inputs(/Command$/, name).stdin)) as Record<string, any>;

  before(async function () {
    this.timeout(60_000);
    await pulumi.runtime.setMocks(
      {
        newResource: (args) => {
          registered.push(args);
          const outputs = { name: args.name, ...args.inputs, stdout: "{}", result: "made" };
          return { id: `${args.name}-id`, state: outputs as Record<string, any> };
        },
        call: ({ inputs: args }) => args,
      },
      "fairlead",
      "test",
      false,
    );
    const secrets = { "fairlead:POSTGRES_PASSWORD": "pg", "fairlead:REDIS_PASSWORD": "rd" };
    pulumi.runtime.setAllConfig({ ...raw(SETTINGS), ...secrets }, Object.keys(secrets));
    declareStack(load(), async () => undefined);
    await pulumi.runtime.disconnect();
  });

  it("is a container of its own, as the stack's would be, with its name on the private network", () => {
    const names = registered
      .filter(({ type }) => /Container$/.test(type))
      .map(({ inputs: one }) => one.name as string);
    assert.ok(names.includes("shop_cache-till") && names.includes("shop_cache-web"), names.join());
    assert.ok(!names.includes("shop_redis"), "the stack's is off");
    const { networksAdvanced, memory, volumes, mounts, user, readOnly, capabilities, healthcheck } =
      container("cache-till");
    assert.deepEqual(networksAdvanced[0].aliases, ["cache-till"]);
    assert.equal(memory, 48);
    assert.equal(container("cache-web").memory, 96);
    assert.deepEqual(volumes, [{ volumeName: "shop_till_redis_data", containerPath: "/data" }]);
    assert.equal(mounts[0].source, "/opt/shop/caches/till/conf");
    assert.deepEqual([user, readOnly, capabilities.drops], ["redis", true, ["ALL"]]);
    assert.match(healthcheck.tests.join(" "), /--user health/);
  });

  it("has its memory and policy, and another container with others", () => {
    const conf = (name: string): string =>
      (stdin(`${name}-files`).files as { content: string }[])[0]!.content;
    assert.match(conf("cache-till"), /\nmaxmemory 33554432\nmaxmemory-policy volatile-ttl\n/);
    assert.match(conf("cache-web"), /\nmaxmemory 67108864\nmaxmemory-policy noeviction\n/);
    const marks = ["cache-till", "cache-web"].map((name) => container(name).envs.join());
    assert.match(marks[0]!, /^CONFIGURATION=[0-9a-f]{12}$/);
    assert.notEqual(marks[0], marks[1]);
  });

  it("keeps its data in a volume that only the end of the whole stack deletes", () => {
    assert.equal(inputs(/Command$/, "cache-till-volume").create, "/usr/local/bin/fairlead volume apply");
    assert.deepEqual(
      { ...stdin("cache-till-volume"), ownerId: undefined },
      { volume: "shop_till_redis_data", system: "shop", app: "cache-till", backup: true, ownerId: undefined },
    );
    assert.ok(
      !registered.some(({ type, inputs: one }) => /Volume$/.test(type) && /redis/.test(String(one.name))),
    );
  });

  it("has a password of its own, which is in the application's URL and parts, and in nobody else's", () => {
    const [till, web] = ["cache-till", "cache-web"].map(
      (name) => stdin(`${name}-password-`).password as string,
    );
    assert.ok(till && web && till !== web && till !== "rd" && web !== "rd");
    const texts = (app: string): string =>
      JSON.stringify(
        registered
          .filter(({ name }) => name.startsWith(`${app}-`))
          .map(({ inputs: one }) => [one.stdin, one.envs]),
      );
    assert.match(texts("api"), new RegExp(`redis://default:${till}@cache-till:6379/0`));
    assert.match(texts("api"), new RegExp(`redis://x:${till}@cache-till/1`));
    assert.match(texts("api"), /"FIRST=cache-till"/);
    assert.match(texts("web"), new RegExp(`REDIS_URL=redis://default:${web}@cache-web:6379/0`));
    assert.ok(!texts("api").includes(web) && !texts("web").includes(till));
  });

  it("is noted on the server as what the application's data is in", () => {
    const { "claim.json": claim } = JSON.parse(plain(inputs(/Command$/, "host-tools").stdin)) as Record<
      string,
      string
    >;
    const { holds } = JSON.parse(claim!) as { holds: { cache: boolean; prefixes: object } };
    assert.deepEqual(
      [holds.cache, holds.prefixes],
      [false, { "apps.api.cache": "cache-till", "apps.web.cache": "cache-web" }],
    );
  });
});
