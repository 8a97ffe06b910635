import assert from "node:assert/strict";
import { get } from "node:https";
import { config, PACE } from "./edge-application.ts";
import { two, three } from "./edge-clients.ts";
import { edgeSite } from "./edge-site.ts";
import { onEngine } from "./support.ts";

const TIMES = 4;

onEngine("what streams through the edge, with the real Nginx and HAProxy", function () {
  this.timeout(60_000);
  const site = edgeSite(config({ http3: true }));

  /**
   * Milliseconds from the request to each piece of an answer, as it arrives, and what it was coded with. Over HTTP/1.1,
   * where Nginx holds small pieces back most.
   */
  function arrivals(path: string, coding: string, name = "maicivy.test"): Promise<[number[], string?]> {
    return new Promise((done, fail) => {
      const to = { host: site.address, servername: name, rejectUnauthorized: false, agent: false };
      const headers = { host: name, "accept-encoding": coding, accept: "text/event-stream" };
      const begun = Date.now();
      get({ ...to, path, headers }, (answer) => {
        const found: number[] = [];
        const between = answer.headers["x-accel-buffering"];
        if (between !== undefined) fail(new Error("it is for the switch and the edge only"));
        answer.on("data", () => found.push(Date.now() - begun));
        answer.on("error", fail).on("end", () => done([found, answer.headers["content-encoding"]]));
      }).on("error", fail);
    });
  }

  /**
   * Each piece arrives before the next one is sent. A busy machine may hold everybody up for a moment: then it is tried
   * again.
   */
  async function flows(path: string, coding: string, name?: string): Promise<string | undefined> {
    for (let tries = 1; ; tries++) {
      const [found, coded] = await arrivals(path, coding, name);
      const onTime = found
        .slice(0, TIMES)
        .every((time, piece) => time < (piece + 0.9) * PACE + Math.min(found[0]!, 0.5 * PACE));
      if (found.length >= TIMES && onTime) return coded;
      if (tries === 3) assert.fail(`${path} ${coding}: ${found.join(" ")}`);
    }
  }

  const events = (prefix: string, type: string): string =>
    `${prefix}events?times=${TIMES}&type=${encodeURIComponent(type)}`;

  for (const type of [
    "text/event-stream",
    "text/event-stream; charset=utf-8",
    "Text/Event-Stream",
    "application/x-ndjson",
    "application/jsonl",
    "application/json-seq",
    "multipart/x-mixed-replace; boundary=x",
  ])
    it(`${type} flows by itself, however it may be compressed`, async () => {
      for (const coding of ["identity", "gzip", "br"]) await flows(events("/x/", type), coding);
    });

  it("flows below /api/, with a cache, beside static files, on a subdomain, and with a policy of its own", async () => {
    for (const prefix of ["/api/", "/api/cv/", "/own/", "/ws/"])
      await flows(events(prefix, "text/event-stream"), "gzip, br");
    await flows(events("/", "text/event-stream"), "gzip, br", "status.maicivy.test");
  });

  it("several who listen where answers are kept don't wait for each other", async () => {
    const path = events("/api/cv/", "text/event-stream");
    await Promise.all([1, 2, 3].map(() => flows(path, "gzip")));
  });

  it("flows on a route that says so, whatever its type, compressed all the same", async () => {
    for (const type of ["application/json", "text/plain", "text/html", "application/octet-stream"])
      for (const coding of ["identity", "gzip", "br"]) {
        const coded = await flows(events("/flow/", type), coding);
        const small = coding === "identity" || type === "application/octet-stream";
        assert.equal(coded, small ? undefined : coding, `${type} ${coding}`);
      }
  });

  it("any other answer is gathered first, so that the application is done with it", async () => {
    const [found] = await arrivals(events("/x/", "application/json"), "gzip");
    assert.ok(found[0]! >= (TIMES - 1.5) * PACE, found.join(" "));
  });

  describe("informational answers before the one that counts", () => {
    it("don't break it, over any version, with and without a body, kept or not", async () => {
      for (const times of [1, 3, 20]) {
        const path = `/x/hints?times=${times}`;
        assert.deepEqual(outcome(await site.ask(path)), [200, "after the hints"]);
        assert.deepEqual(outcome(await two(site, { ":path": path })), [200, "after the hints"]);
        assert.deepEqual(outcome(await three(site, path)), [200, "after the hints"]);
      }
      const posted = await site.ask("/api/hints", { method: "POST", body: Buffer.alloc(1e6) });
      assert.deepEqual(outcome(posted), [200, "after the hints"]);
      for (const state of ["MISS", "HIT"]) {
        const kept = await site.ask("/api/cv/hints");
        assert.deepEqual([...outcome(kept), kept.headers["x-cache"]], [200, "after the hints", state]);
        assert.equal(kept.headers.link, undefined);
      }
    });

    it("leave the connection as it was for those who come next", async () => {
      for (let times = 0; times < 40; times++)
        for (const path of ["/x/hints", "/x?bytes=10", "/missing?bytes=10"]) {
          const { status, body } = await site.ask(path);
          const expected = path === "/x/hints" ? "after the hints" : "A line tha";
          assert.deepEqual([status, body.toString()], [path.startsWith("/missing") ? 404 : 200, expected]);
        }
    });

    it("that never end are a mistake of the application", async () => {
      assert.equal((await site.ask("/x/hints?times=200")).status, 502);
    });
  });
});

function outcome({ status, body }: { status: number; body: Buffer | string }): [number, string] {
  return [status, body.toString()];
}
