import assert from "node:assert/strict";
import { answerTimes, countsOf, quantile } from "../../bench/edge/load.ts";
import { pairsOf, Rounds } from "../../bench/edge/rounds.ts";

/** The end of what h2load 1.52 prints. */
const said = (failed: number, codes: string): string =>
  [
    "finished in 4.00s, 3999.00 req/s, 5.20MB/s",
    `requests: 16000 total, 16000 started, 16000 done, ${16000 - failed} succeeded, ${failed} failed, 0 errored, 0 timeout`,
    `status codes: ${codes}`,
    "traffic: 20.80MB (21810000) total",
  ].join("\n");

describe("the bench of the edge", () => {
  it("counts what was answered well, and everything else as lost", () => {
    assert.deepEqual(countsOf(said(0, "16000 2xx, 0 3xx, 0 4xx, 0 5xx")), { good: 16000, lost: 0 });
    assert.deepEqual(countsOf(said(4, "15996 2xx, 0 3xx, 0 4xx, 4 5xx")), { good: 15996, lost: 4 });
    assert.deepEqual(countsOf(said(1, "15996 2xx, 3 3xx, 0 4xx, 0 5xx")), { good: 15996, lost: 4 });
    assert.throws(() => countsOf("Could not connect"), /h2load counts nothing:\nCould not connect/);
  });

  it("takes the time of answers only, after the warm-up", () => {
    const log = ["1000\t200\t9000", "1001000\t200\t2000", "1002000\t502\t10", "1003000\t204\t1000"].join(
      "\n",
    );
    assert.deepEqual(answerTimes(`${log}\n`), [1, 2]);
    assert.throws(() => quantile([], 0.99), /no request was answered with 2xx/);
  });

  it("keeps what was measured when a competitor fails, and says how often", async () => {
    const rounds = new Rounds(["edge", "caddy"]);
    const well =
      (figure: number, lost = 0) =>
      () =>
        Promise.resolve({ figure, good: 100 - lost, lost });
    for (const [round, theirs] of [
      [0, well(1)],
      [1, well(50, 4)],
      [2, () => Promise.reject(new Error("gone"))],
      [3, well(40)],
    ] as const) {
      await rounds.take("edge", round > 0, well(100 + round));
      await rounds.take("caddy", round > 0, theirs);
    }
    assert.equal(rounds.text(0), "edge 102, caddy 45 (lost 4 of 300, 1 round failed)");
    assert.deepEqual(
      pairsOf(rounds, "edge", "caddy", (ours, theirs) => ours - theirs),
      [51, 63],
    );
    assert.deepEqual([rounds.lost("edge"), rounds.broken("caddy")], [0, ["gone"]]);
  });

  it("says so when one was never measured", async () => {
    const rounds = new Rounds(["edge", "caddy"]);
    await rounds.take("caddy", true, () => Promise.reject(new Error("gone")));
    assert.equal(rounds.text(0), "edge –, caddy – (1 round failed)");
    assert.deepEqual(
      pairsOf(rounds, "edge", "caddy", () => 1),
      [],
    );
  });
});
