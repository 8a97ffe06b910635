import assert from "node:assert/strict";
import { request } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { fixedLookup } from "../../automation/lib/probe.ts";
import { arrived, config } from "./edge-application.ts";
import { edgeSite, type EdgeSite } from "./edge-site.ts";
import { onEngine, run } from "./support.ts";

const MEGA = 1_000_000;
const ROUTES = [{ path: "/" }, { path: "/upload/", maxBody: "400 MB" }];

onEngine("transfers, with the real Nginx and HAProxy in the memory that a stack gives them", function () {
  this.timeout(120_000);
  const site = edgeSite(config({}, ROUTES));

  afterEach("no process was killed, and nothing is left on the disk", async () => {
    const { State, RestartCount } = await site.edge.inspect();
    assert.deepEqual([State.OOMKilled, State.Running, RestartCount], [false, true, 0]);
    assert.doesNotMatch(await site.log(), /signal 9|exited on signal/);
    assert.equal((await run(site.edge, "find", "/var/spool/nginx", "-type", "f")).out, "");
  });

  it("of 150 and 400 MB arrive whole, with or without a length", async () => {
    const limit = 400 * 1024 ** 2;
    assert.deepEqual(await upload(site, "/upload/count", 150 * MEGA), {
      status: 200,
      body: "150000000 150000000",
    });
    assert.deepEqual(await upload(site, "/upload/count", limit), { status: 200, body: `${limit} ${limit}` });
    const chunked = await upload(site, "/upload/count", 150 * MEGA, { known: false });
    assert.deepEqual(chunked, { status: 200, body: "150000000 chunked" });
    assert.equal((await upload(site, "/upload/count", limit + 1)).status, 413);
  });

  it("of twenty times 50 MB at once arrive whole, while others are answered", async () => {
    const uploads = Array.from({ length: 20 }, () => upload(site, "/upload/count", 50 * MEGA));
    let asked = 0;
    let over = false;
    const all = Promise.all(uploads).finally(() => (over = true));
    // At a pace below the limit of the health path, however long a machine takes.
    for (; !over; asked++, await sleep(200)) assert.equal((await site.ask("/health")).status, 200);
    assert.deepEqual(
      (await all).map(({ status, body }) => `${status} ${body}`),
      Array.from({ length: 20 }, () => "200 50000000 50000000"),
    );
    assert.ok(asked > 5, `${asked} requests beside`);
  });

  it("reach the application when they are whole, so that a slow one occupies no worker", async () => {
    arrived.length = 0;
    const slow = upload(site, "/slow/count", 2 * MEGA, { piece: MEGA, pause: 600 });
    await sleep(500);
    assert.ok(!arrived.includes("/slow/count"), "it hears of the request before its body is there");
    assert.equal((await slow).body, "2000000 2000000");
    // Without a length likewise, where a body is small enough for the disk: it has a length then.
    arrived.length = 0;
    const unknown = upload(site, "/slow/count", 2 * MEGA, { piece: MEGA, pause: 600, known: false });
    await sleep(500);
    assert.ok(!arrived.includes("/slow/count"));
    assert.equal((await unknown).body, "2000000 2000000");
    assert.equal((await upload(site, "/slow/count", 11 * 1024 ** 2, { known: false })).status, 413);
  });

  it("flow through where they may be larger than what the disk takes", async () => {
    arrived.length = 0;
    const slow = upload(site, "/upload/count", 200 * MEGA, { piece: 10 * MEGA, pause: 100 });
    await sleep(1000);
    assert.ok(arrived.includes("/upload/count"));
    assert.equal((await slow).body, "200000000 200000000");
  });

  it("of more bodies than the disk may take are refused, and what is small goes on", async () => {
    // Half of 256 MB holds 13 bodies of 10 MB, and one address may have seven of them.
    await site.use(config({ spool: "256 MB" }, ROUTES));
    try {
      const slow = (): ReturnType<typeof upload> =>
        upload(site, "/count", 9 * MEGA, { piece: 3 * MEGA, pause: 800 });
      const answers = await Promise.all(Array.from({ length: 9 }, slow));
      const statuses = answers.map(({ status }) => status).sort();
      assert.deepEqual(statuses, [...Array<number>(7).fill(200), 429, 429]);
      const page = JSON.parse(answers.find(({ status }) => status === 429)!.body) as { status: number };
      assert.equal(page.status, 429);
      const held = Promise.all(Array.from({ length: 7 }, slow));
      await sleep(400);
      assert.equal((await upload(site, "/count", 900_000)).status, 200);
      await held;
      assert.equal((await upload(site, "/count", 9 * MEGA)).status, 200, "who has ended isn't counted");
    } finally {
      await site.use(config({}, ROUTES));
    }
  });

  it("to twenty visitors who read slowly, and twenty who read fast", async () => {
    const bytes = 100 * 1024 ** 2;
    const visit = (fast: boolean): Promise<number> =>
      new Promise((done, fail) => {
        const outgoing = request(`https://maicivy.test/endless?bytes=${bytes}`, {
          lookup: fixedLookup(site.address),
          rejectUnauthorized: false,
          agent: false,
        });
        outgoing.on("error", fail);
        outgoing.on("response", (incoming) => {
          let received = 0;
          incoming.on("data", (part: Buffer) => {
            received += part.length;
            if (fast) return;
            incoming.pause();
            setTimeout(() => incoming.resume(), 20);
          });
          incoming.on("close", () => done(received));
          if (!fast)
            setTimeout(() => {
              done(received);
              outgoing.destroy();
            }, 5000);
        });
        outgoing.end();
      });
    const slow = Array.from({ length: 20 }, () => visit(false));
    await sleep(500);
    const fast = await Promise.all(Array.from({ length: 20 }, () => visit(true)));
    assert.deepEqual(new Set(fast), new Set([bytes]));
    for (const received of await Promise.all(slow))
      assert.ok(received > 0 && received < bytes, `${received}`);
  });
});

onEngine("transfers on a full disk, with the real Nginx and HAProxy", function () {
  this.timeout(60_000);
  const site = edgeSite(config({}, ROUTES), "4m");

  it("fail alone and with a page; the next one has the room again", async () => {
    const [large] = await Promise.all([
      upload(site, "/count", 9 * MEGA),
      ...Array.from({ length: 20 }, async () => assert.equal((await site.ask("/health")).status, 200)),
    ]);
    assert.equal(large.status, 500);
    assert.equal((JSON.parse(large.body) as { status: number }).status, 500);
    assert.equal((await upload(site, "/count", 3 * MEGA)).status, 200);
    assert.equal(
      (await upload(site, "/upload/count", 150 * MEGA)).status,
      200,
      "what flows through needs none",
    );
  });
});

/** Sends a body in pieces; how much at once, and what comes between two pieces, is the caller's. */
async function upload(
  site: EdgeSite,
  path: string,
  bytes: number,
  { known = true, piece = MEGA, pause = 0, name = "maicivy.test" } = {},
): Promise<{ status: number; body: string }> {
  const outgoing = request(`https://${name}${path}`, {
    method: "POST",
    lookup: fixedLookup(site.address),
    rejectUnauthorized: false,
    agent: false,
    headers: known ? { "content-length": String(bytes) } : { "transfer-encoding": "chunked" },
  });
  const answer = new Promise<{ status: number; body: string }>((done, fail) => {
    outgoing.on("error", fail);
    outgoing.on("response", (incoming) => {
      let body = "";
      incoming.on("data", (part: Buffer) => (body += part.toString()));
      incoming.on("end", () => {
        done({ status: incoming.statusCode!, body });
        // One that was refused early has more to send.
        outgoing.destroy();
      });
    });
  });
  const over = answer.then(
    () => undefined,
    () => undefined,
  );
  const part = Buffer.alloc(piece, 97);
  for (let left = bytes; left > 0 && !outgoing.destroyed; left -= piece) {
    if (!outgoing.write(left < piece ? part.subarray(0, left) : part))
      await new Promise<void>((done) => {
        outgoing.once("drain", done);
        void over.then(done);
      });
    if (pause) await sleep(pause);
  }
  outgoing.end();
  return answer;
}
