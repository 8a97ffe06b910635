import assert from "node:assert/strict";
import { password } from "../../automation/setup/secrets.ts";

describe("a password made by set-up", () => {
  const made = Array.from({ length: 500 }, password);

  it("is 32 letters and digits: nothing that anybody would have to escape", () => {
    for (const one of made) assert.match(one, /^[A-Za-z0-9]{32}$/);
  });

  it("is never the same", () => {
    assert.equal(new Set(made).size, made.length);
  });

  it("uses every letter and digit, about equally often", () => {
    const counts = new Map<string, number>();
    for (const letter of made.join("")) counts.set(letter, (counts.get(letter) ?? 0) + 1);
    assert.equal(counts.size, 62);
    // 258 expected of each; 140 is more than seven standard deviations away.
    for (const [letter, count] of counts) assert.ok(count > 140 && count < 380, `${letter}: ${count}`);
  });
});
