import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseDuration,
  parseRate,
  parseSize,
  toCpus,
  toGoDuration,
  toMebibytes,
  toNginxRate,
  toWholeTime,
} from "../../config/units.ts";

describe("units", () => {
  const sizes: [string, number | undefined][] = [
    ["512 MB", 512 * 1024 ** 2],
    ["2GB", 2 * 1024 ** 3],
    ["1.5 kb", 1536],
    ["100 B", 100],
    ["", undefined],
    ["512", undefined],
    ["512 XB", undefined],
    ["-1 MB", undefined],
    ["1e3 MB", undefined],
  ];
  for (const [text, bytes] of sizes) {
    it(`reads the size ${JSON.stringify(text)}`, () => assert.equal(parseSize(text), bytes));
  }

  const rates: [string, string | undefined][] = [
    ["100/min", "100r/m"],
    ["10/s", "10r/s"],
    ["600/min", "600r/m"],
    ["0/s", undefined],
    ["100", undefined],
    ["1.5/s", undefined],
    ["10/h", undefined],
  ];
  for (const [text, spelled] of rates) {
    it(`reads the rate ${JSON.stringify(text)}, for Nginx ${spelled ?? "none"}`, () => {
      const rate = parseRate(text);
      assert.equal(rate && toNginxRate(rate), spelled);
    });
  }

  const durations: [string, number | undefined][] = [
    ["30 s", 30],
    ["250ms", 0.25],
    ["2 min", 120],
    ["24 h", 86400],
    ["365 d", 31536000],
    ["1.1 h", 3960],
    ["0.4 ms", undefined],
    ["1.0005 s", undefined],
    ["30", undefined],
    ["30 sec", undefined],
    ["S 3", undefined],
  ];
  for (const [text, seconds] of durations) {
    it(`reads the duration ${JSON.stringify(text)}`, () => assert.equal(parseDuration(text), seconds));
  }

  it("writes durations the way Docker reports them", () => {
    const table: [number, string][] = [
      [0, "0s"],
      [0.25, "250ms"],
      [1.5, "1.5s"],
      [1.05, "1.05s"],
      [30, "30s"],
      [60, "1m0s"],
      [90, "1m30s"],
      [3600, "1h0m0s"],
    ];
    for (const [seconds, text] of table) assert.equal(toGoDuration(seconds), text);
  });

  it("writes durations the way Nginx and HAProxy read them, who know no fractions", () => {
    assert.deepEqual([60, 86400, 0.5, 1.5].map(toWholeTime), ["60s", "86400s", "500ms", "1500ms"]);
  });

  it("writes CPUs the way the provider reads them back", () => {
    assert.deepEqual([1, 2, 0.5, 0.25, 1.75].map(toCpus), ["1.0", "2.0", "0.5", "0.25", "1.75"]);
  });

  it("never rounds memory up, and never to nothing", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (bytes) => {
        const mebibytes = toMebibytes(bytes);
        assert.ok(mebibytes >= 1);
        assert.ok(mebibytes === 1 || mebibytes * 1024 ** 2 <= bytes);
      }),
    );
  });
});
