import assert from "node:assert/strict";
import { torture } from "./support/torture/world.ts";

interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  rawHeaders: string[];
}

describe("the torture application behind the whole stack", function () {
  this.timeout(300_000);
  before("the torture application", () => torture.ready());

  it("answers, and shows what reached it", async () => {
    const { client } = torture;
    const answer = await client.ask("/any/path");
    assert.deepEqual([answer.status, answer.headers["x-version"]], [200, "first"]);
    const echo = await client.json<Echo>("/echo?x=1", { method: "PUT", body: "text" });
    assert.deepEqual([echo.method, echo.url], ["PUT", "/echo?x=1"]);
    assert.equal(echo.headers["x-forwarded-proto"], "https");
  });

  // Each rule by itself is in test/images/edge-*.test.ts.
  it("sees the address of its page as Host, whatever a visitor claims", async () => {
    const { origin, host, port } = new URL(torture.out.url);
    const claims = {
      origin,
      "x-forwarded-host": "evil.test",
      forwarded: "host=evil.test",
      proxy: "evil.test",
    };
    const { headers } = await torture.client.json<Echo>("/echo", { headers: claims });
    assert.deepEqual(
      [headers.host, headers["x-forwarded-host"], headers["x-forwarded-port"]],
      [host, host, port],
    );
    assert.notEqual(port, "", "the box is reached at a port of its own");
    assert.equal(new URL(headers.origin!).host, headers.host);
    assert.ok(!JSON.stringify(headers).includes("evil"), JSON.stringify(headers));
  });

  it("streams, hints and sets cookies, and each arrives", async () => {
    const { client } = torture;
    for (const path of ["/sse", "/ndjson"]) {
      const asked = Date.now();
      await client.stream(`${path}?count=60&interval=500`, /\d{13}/);
      assert.ok(Date.now() - asked < 8000, `${path} is thirty seconds long`);
    }
    const hinted = await client.ask("/early-hints?count=3");
    assert.deepEqual([hinted.status, hinted.body], [200, "<html>after the hints</html>\n"]);
    const { status, headers } = await client.ask("/headers?count=3&bytes=4096");
    assert.deepEqual([status, headers["set-cookie"]?.length], [200, 3]);
    const cookie = (headers["set-cookie"] as string[]).join("; ");
    assert.equal((await client.json<Echo>("/echo", { headers: { cookie } })).headers.cookie, cookie);
    const large = await client.ask("/headers?count=30&bytes=4096");
    assert.equal(large.status, 502);
    assert.equal((JSON.parse(large.body) as { error: string }).error, "No answer");
    const logged = await torture.ssh(["docker", "logs", "--tail", "20", "torture_switch"]);
    assert.match(logged.stdout + logged.stderr, /502 for GET \/headers, the answer has headers above 79 kB/);
  });

  it("takes another release, and is the first one again for the next file", async () => {
    await torture.release({ VERSION: "second" });
    assert.equal((await torture.client.ask("/")).headers["x-version"], "second");
    await torture.ready();
    assert.equal((await torture.client.ask("/")).headers["x-version"], "first");
  });
});
