import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { drain, found } from "../../automation/images/engine.ts";
import { slots } from "../../automation/images/slots.ts";

const failing = (statusCode: number) => Promise.reject(Object.assign(new Error("no"), { statusCode }));

describe("engine's progress stream", () => {
  it("is read in any pieces", async () => {
    const events = [{ stream: "Step 1/2 : RUN größer\n" }, { aux: { ID: "sha256:1" } }, { status: "✓" }];
    const bytes = Buffer.from(events.map((event) => JSON.stringify(event)).join("\r\n"));
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: bytes.length }), async (size) => {
        const pieces: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
        assert.deepEqual(await drain(Readable.from(pieces, { objectMode: false })), events);
      }),
    );
  });

  it("fails with the engine's error, after the last event", async () => {
    const seen: unknown[] = [];
    const stream = Readable.from([Buffer.from('{"error":"exit code 1"}\n{"stream":"bye"}\n')], {
      objectMode: false,
    });
    await assert.rejects(
      drain(stream, (event) => seen.push(event)),
      /exit code 1/,
    );
    assert.equal(seen.length, 2);
  });
});

describe("a call to the engine", () => {
  it("that finds nothing gives undefined", async () => assert.equal(await found(failing(404)), undefined));
  it("that fails otherwise fails", () => assert.rejects(found(failing(500))));
});

describe("slots", () => {
  it("run at most as many tasks as there are, each of them, also after a failure", async () => {
    const inSlot = slots(2);
    let [running, most, done] = [0, 0, 0];
    const tasks = Array.from({ length: 7 }, (_, at) =>
      inSlot(async () => {
        most = Math.max(most, ++running);
        await sleep(2);
        running--;
        done++;
        if (at === 1) throw new Error("one fails");
      }),
    );
    const results = await Promise.allSettled(tasks);
    assert.deepEqual([most, done, results.filter(({ status }) => status === "rejected").length], [2, 7, 1]);
  });
});
