import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { answerWaiting, application, config, waiting } from "./edge-application.ts";
import { EdgeSite } from "./edge-site.ts";
import { until } from "../examples/support/wait.ts";
import { cleanUp, onEngine, published } from "./support.ts";

onEngine("how the edge carries requests, with the real Nginx and HAProxy", function () {
  this.timeout(60_000);
  let site: EdgeSite;

  before(async function () {
    this.timeout(300_000);
    const settings = config({ proxyTimeout: "2 s" });
    site = await new EdgeSite(await published(["haproxy", "nginx"]), settings, application).start();
  });
  after(async () => {
    answerWaiting();
    await site?.end();
    await cleanUp();
  });

  describe("an application's silence", () => {
    afterEach(answerWaiting);

    it("ends with 504 after the timeout, also on a subdomain, where any path may be a WebSocket", async () => {
      for (const name of ["maicivy.test", "status.maicivy.test"]) {
        const begin = performance.now();
        const { status, body } = await site.ask("/wait", { name, headers: { accept: "text/html" } });
        assert.equal(status, 504, name);
        assert.match(body.toString(), /No answer in time/);
        const took = performance.now() - begin;
        assert.ok(took > 1900 && took < 8000, `${name} ${took} ms`);
      }
    });

    it("may be longer behind an upstream", async () => {
      const { gateway } = site;
      const upstream = createServer(application).listen(0, gateway);
      await once(upstream, "listening");
      try {
        const { port } = upstream.address() as AddressInfo;
        const subdomains = { tools: { upstream: `${gateway}:${port}` } };
        await site.use(config({ proxyTimeout: "2 s", subdomains }));
        waiting.length = 0;
        const answer = site.ask("/wait", { name: "tools.maicivy.test" });
        await until("it is asked", () => waiting.length === 1, 5);
        await sleep(4000);
        answerWaiting();
        const { status, body } = await answer;
        assert.deepEqual([status, body.toString()], [200, "waited"]);
      } finally {
        upstream.close();
        upstream.closeAllConnections();
        await site.use(config({ proxyTimeout: "2 s" }));
      }
    });
  });
});
