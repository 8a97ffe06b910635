import assert from "node:assert/strict";
import { claimant, claimedAt } from "../../automation/build/claims.ts";
import { oldBuilds } from "../../automation/build/old.ts";

describe("old builds", () => {
  const who = claimant("/home/me/shop", "prod");
  const other = claimant("/home/me/shop", "staging");
  const mine = (...digests: string[]) => digests.map((digest, at) => ({ tag: `for-${who}-${at}`, digest }));
  const old = (tags: { tag: string; digest: string }[], keep = 1, named: string[] = []): string[] =>
    oldBuilds({ tags, who, keep, named: (digest) => named.includes(digest) });

  it("are those before the last one and as many as are kept", () => {
    assert.deepEqual(old(mine("a", "b", "c", "d")), ["a", "b"]);
    assert.deepEqual(old(mine("a", "b", "c", "d"), 0), ["a", "b", "c"]);
    assert.deepEqual(old(mine("a", "b")), []);
  });

  it("count from when they were claimed last, in the order of numbers", () => {
    const tags = [9, 10, 8].map((time) => ({ tag: `for-${who}-${time}`, digest: `at ${time}` }));
    assert.deepEqual(old(tags), ["at 8"]);
    assert.deepEqual(old(mine("a", "b", "c", "a")), ["b"]);
  });

  it("aren't those that another stack claims, that another tag names, or that a stack file names", () => {
    const tags = [
      ...mine("a", "b", "c", "d", "e", "f"),
      { tag: `for-${other}-1`, digest: "a" },
      { tag: "latest", digest: "b" },
    ];
    assert.deepEqual(old(tags, 1, ["c"]), ["d"]);
  });

  it("aren't those that nobody has claimed", () => {
    assert.deepEqual(old([{ tag: "1", digest: "a" }, ...mine("b", "c")]), []);
  });

  it("belong to one stack of one checkout", () => {
    assert.notEqual(who, other);
    assert.notEqual(who, claimant("/home/me/copy", "prod"));
    assert.equal(claimedAt(`for-${who}-17`, who), 17);
    assert.equal(claimedAt(`for-${who}-17`, other), undefined);
    assert.equal(claimedAt(`for-${who}-x`, who), undefined);
  });
});
