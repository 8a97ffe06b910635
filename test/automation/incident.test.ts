import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { callOf, table, type Incident } from "../../automation/verbs/incident.ts";
import { UserError } from "../../automation/lib/errors.ts";

const NOW = 1_800_000_000;
const one: Incident = {
  id: "2027-01-15-1",
  title: "Payments fail",
  apps: ["shop"],
  by: "hand",
  opened: NOW - 7200,
  closed: null,
  notes: [
    { at: NOW - 7200, text: "We look." },
    { at: NOW - 60, text: "The provider is down." },
  ],
};

describe("npm run incident", () => {
  it("looks, begins, continues or closes", () => {
    assert.equal(callOf({ stack: "prod" }), undefined);
    assert.deepEqual(callOf({ stack: "prod", begin: "Slow", app: ["shop"], text: "We look." }), {
      name: "incident begin",
      input: { title: "Slow", apps: ["shop"], text: "We look." },
    });
    assert.deepEqual(callOf({ stack: "prod", note: "a", text: "More." }), {
      name: "incident note",
      input: { id: "a", text: "More." },
    });
    assert.deepEqual(callOf({ stack: "prod", close: "a" }), {
      name: "incident close",
      input: { id: "a", text: undefined },
    });
  });

  for (const [wrong, words] of [
    [{ begin: "x", close: "a" }, /three different things/],
    [{ note: "a" }, /--note needs --text/],
    [{ close: "a", app: ["shop"] }, /--app belongs to --begin/],
    [{ text: "x" }, /--text belongs to/],
  ] as const)
    it(`refuses ${Object.keys(wrong).join(" and ")}`, () => {
      assert.throws(
        () => callOf({ stack: "prod", ...wrong } as Parameters<typeof callOf>[0]),
        (error) => error instanceof UserError && words.test(error.message),
      );
    });

  it("shows each with how long it took and its last words", () => {
    const closed = { ...one, id: "2027-01-14-1", by: "monitoring" as const, closed: NOW - 3600, notes: [] };
    const lines = stripVTControlCharacters(table([one, closed], NOW)).split("\n");
    assert.match(
      lines[1]!,
      /^2027-01-15-1 +open +2 h ago +2 h +shop +hand +Payments fail: The provider is down\.$/,
    );
    assert.match(lines[2]!, /^2027-01-14-1 +closed +2 h ago +60 min +shop +monitoring +Payments fail$/);
    assert.match(table([]), /^No incidents/);
  });
});
