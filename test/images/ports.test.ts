import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort, Visitor, Way } from "./ports-way.ts";
import { cleanUp, onEngine, PREFIX, published } from "./support.ts";

const [OLD, NEW, DEAF] = [`${PREFIX}-mail-1`, `${PREFIX}-mail-2`, `${PREFIX}-mail-3`];

onEngine("TCP ports of an application, through the doorway and the switch", function () {
  this.timeout(60_000);
  let way: Way;
  let low: number;
  let high: number;

  before(async function () {
    this.timeout(300_000);
    way = new Way(await published(["haproxy", "box"]));
    [low, high] = [await freePort(Array.from({ length: 100 }, (_, index) => 900 + index)), await freePort()];
    await way.start();
    await way.release(OLD, [2525, 2526]);
    await way.move([{ port: low, to: 2525 }], OLD);
    await way.open([low]);
  });
  after(async () => {
    await way.remove();
    await cleanUp();
  });

  /** Retries while the doorway starts or reads its file; what it says first is the release that answers. */
  async function arrive(port: number, host?: string): Promise<{ visitor: Visitor; first: string }> {
    for (const until = Date.now() + 15_000; ;) {
      const visitor = Visitor.to(port, host);
      try {
        return { visitor, first: await visitor.line() };
      } catch (error) {
        if (Date.now() > until) throw error;
        await sleep(50);
      }
    }
  }

  it("lead from a port below 1024 to the container's own, over IPv4 and IPv6", async () => {
    for (const host of ["127.0.0.1", "::1"]) {
      const { visitor, first } = await arrive(low, host);
      assert.equal(first, OLD);
      assert.equal(await visitor.echo("HELO"), "HELO");
      visitor.close();
    }
  });

  it("move to a new release without a connection that fails, and what is open may finish", async () => {
    const { visitor: open } = await arrive(low);
    await way.release(NEW, [2525, 2526]);
    let moved = false;
    const seen = new Set<string>();
    const failures: string[] = [];
    const visits = (async () => {
      while (!moved) {
        const visitor = Visitor.to(low);
        try {
          seen.add(await visitor.line());
          assert.equal(await visitor.echo("x"), "x");
        } catch (error) {
          failures.push(String(error));
        }
        visitor.close();
      }
    })();
    const move = way.move([{ port: low, to: 2525 }], NEW, { drain: 30 });
    while (!seen.has(NEW)) await sleep(20);
    await sleep(500);
    assert.equal(await open.echo("still here"), "still here");
    const closed = Date.now();
    open.close();
    await move;
    assert.ok(Date.now() - closed < 15_000, "the release waited for a connection that was over");
    moved = true;
    await visits;
    assert.deepEqual(failures, []);
    assert.deepEqual([...seen].sort(), [OLD, NEW]);
    const { visitor, first } = await arrive(low);
    assert.equal(first, NEW);
    visitor.close();
  });

  it("take another port, with the visitor's address where that is wanted, and keep what is open", async () => {
    const { visitor: open } = await arrive(low);
    await way.move(
      [
        { port: low, to: 2525 },
        { port: high, to: 2526, proxy: true },
      ],
      NEW,
    );
    await way.open([low, high]);
    const { visitor, first } = await arrive(high);
    assert.equal(first, NEW);
    // It comes back as it arrived: signature, version and command, TCP over IPv4, 12 bytes, the visitor's address first.
    const header = await visitor.take(28);
    assert.equal(header.toString("hex", 0, 16), "0d0a0d0a000d0a515549540a2111000c");
    assert.deepEqual([...header.subarray(16, 20)], [127, 0, 0, 1]);
    assert.equal(header.readUInt16BE(24), visitor.socket.localPort);
    assert.equal(await visitor.echo("x"), "x");
    visitor.close();
    assert.equal(await open.echo("still here"), "still here");
    assert.equal(await way.workers(), 2, "who carries it, and who has its ports now");
    open.close();
    while ((await way.workers()) > 1) await sleep(100);
  });

  it("stay with what serves when a release takes no connection, and the error says which port", async () => {
    await way.release(DEAF, [9999]);
    const failed = way.move(
      [
        { port: low, to: 2525 },
        { port: high, to: 2526, proxy: true },
      ],
      DEAF,
      { within: 1 },
    );
    await assert.rejects(
      failed,
      /doesn't answer the traffic switch within 15 s[^]*connects to port 2525: correct apps\.mail\.ports/,
    );
    const { visitor, first } = await arrive(low);
    assert.equal(first, NEW);
    visitor.close();
  });
});
