import assert from "node:assert/strict";
import { answerWaiting, HIGH, waiting } from "./edge-application.ts";
import { until } from "../examples/support/wait.ts";
import { parsed } from "../support/settings.ts";
import { edgeSite } from "./edge-site.ts";

const image = "ghcr.io/me/shop:1.0.0";
const { config } = parsed({
  apps: { web: { image, port: 3000, routes: [{ path: "/" }, { path: "/health" }] } },
  images: "debian",
  edge: {
    limits: HIGH,
    subdomains: {
      slow: { app: "web", limits: { rate: "1/min", burst: 3 } },
      narrow: { app: "web", limits: { connections: 2 } },
      tools: { upstream: "nobody:80", limits: { rate: "1/min", burst: 0 } },
    },
  },
  sites: {
    "other.test": {
      limits: { rate: "1/min", burst: 1 },
      routes: [{ app: "web" }, { app: "web", path: "/x/", limit: { rate: "10000/s", burst: 1000 } }],
    },
  },
});

describe("limits of a subdomain or site", () => {
  const site = edgeSite(config);
  const statuses = async (
    name: string,
    path: string,
    times: number,
    more: object = {},
  ): Promise<number[]> => {
    const found: number[] = [];
    for (let count = 0; count < times; count++) found.push((await site.ask(path, { name, ...more })).status);
    return found;
  };

  it("are its own, and those of other names don't count", async () => {
    assert.deepEqual(await statuses("slow.maicivy.test", "/page", 5), [200, 200, 200, 200, 429]);
    assert.deepEqual(await statuses("tools.maicivy.test", "/page", 2), [503, 429]);
    assert.deepEqual(await statuses("maicivy.test", "/page", 20), Array<number>(20).fill(200));
    assert.deepEqual(await statuses("narrow.maicivy.test", "/page", 20), Array<number>(20).fill(200));
  });

  it("count together with the limit of a route there", async () => {
    assert.deepEqual(await statuses("other.test", "/x/page", 3), [200, 200, 429]);
    assert.deepEqual(await statuses("other.test", "/page", 1), [429]);
  });

  it("of connections count requests under way, with a body too", async () => {
    const name = "narrow.maicivy.test";
    for (const body of [undefined, "x"]) {
      waiting.length = 0;
      const method = body === undefined ? "GET" : "POST";
      const two = [1, 2].map(() => site.ask("/wait", { name, method, body }));
      await until("both wait", () => waiting.length === 2, 5);
      assert.deepEqual(await statuses(name, "/page", 1, { method, body }), [429]);
      assert.equal((await site.ask("/page")).status, 200);
      answerWaiting();
      assert.deepEqual(
        (await Promise.all(two)).map(({ status }) => status),
        [200, 200],
      );
    }
  });
});
