import assert from "node:assert/strict";
import { changesIn } from "../integration/support/changes.ts";

describe("what an update says that it changed", () => {
  const ended = (...lines: string[]): string =>
    `Updating (staging):\n\nOutputs:\n    url: "x"\n\nResources:\n${lines.map((line) => `    ${line}\n`).join("")}\nDuration: 3s`;

  it("is nothing when everything was looked at and left as it was", () =>
    assert.deepEqual(changesIn(ended("66 unchanged")), []));

  it("is each kind of change, in the words of either engine", () => {
    assert.deepEqual(changesIn(ended("+ 1 created", "+-2 replaced", "60 unchanged")), [
      "1 created",
      "2 replaced",
    ]);
    assert.deepEqual(changesIn(ended("~ 2 updated", "2 changes. 60 unchanged")), ["2 updated"]);
  });

  for (const [what, text] of [
    ["an update that failed before its end", "error: it is locked"],
    ["an update that looked at nothing", ended("no changes")],
    ["an update of nothing but new things", ended("+ 66 created")],
  ] as const)
    it(`refuses ${what}`, () => assert.throws(() => changesIn(text)));
});
