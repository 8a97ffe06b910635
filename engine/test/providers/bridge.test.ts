import assert from "node:assert/strict";
import fc from "fast-check";
import { checkInputs } from "../../src/providers/bridge/check.ts";
import { diffOutputs } from "../../src/providers/bridge/diff.ts";
import { bool, list, map, num, block, set, text, texts, textSet } from "../../src/providers/bridge/fields.ts";
import type { Fields } from "../../src/providers/bridge/fields.ts";
import { outputsOf, previewOutputs } from "../../src/providers/bridge/state.ts";
import { DEFAULTS } from "../../src/providers/bridge/values.ts";
import { UNKNOWN } from "../../src/providers/contract.ts";
import type { Props, Value } from "../../src/providers/contract.ts";

const F = { force: true } as const;
const member = { key: text({ required: true, ...F }), weight: num({ default: 3 }) };
const fields: Fields = {
  zone: text({ default: "z" }),
  block: block({ size: num({ default: 1 }), word: text(F) }),
  flag: bool({ default: false }),
  items: set(member),
  made: text({ computed: true, ...F }),
  mark: text(F),
  order: texts(),
  rows: list(member),
  tags: textSet(F),
  table: map(),
};

const check = (news: Props, olds?: Props): Props => checkInputs("t", fields, olds, news).inputs;
/** The state after a creation with these inputs. */
const state = (inputs: Props): Props => outputsOf(fields, "id", {}, inputs);
const diff = (before: Props, after: Props): Record<string, string> => {
  const old = check(before);
  const { detailedDiff } = diffOutputs(fields, old, state(old), check(after, old));
  return Object.fromEntries(Object.entries(detailedDiff).map(([path, { kind }]) => [path, kind]));
};

describe("the bridge's rules", () => {
  it("lists defaults in order, without empty ones, and keeps recorded ones", () => {
    assert.deepEqual(check({ block: {} }), {
      [DEFAULTS]: ["zone"],
      block: { [DEFAULTS]: ["size"], size: 1 },
      zone: "z",
    });
    const many: Fields = { b: text({ default: "1" }), a: text({ default: "2" }) };
    assert.deepEqual(checkInputs("t", many, undefined, {}).inputs[DEFAULTS], ["a", "b"]);
    assert.equal(check({}, { [DEFAULTS]: ["zone"], zone: "old" })["zone"], "old");
    assert.equal(check({}, { [DEFAULTS]: [], zone: "given before" })["zone"], "z");
    assert.equal(check({}, { zone: "from before the list" })["zone"], "from before the list");
    assert.equal(check({}, { [DEFAULTS]: ["flag"], flag: false })["flag"], false);
  });

  it("reads text as numbers and flags where they are meant, and numbers as text", () => {
    const { inputs, failures } = checkInputs("t", fields, undefined, {
      zone: 5,
      block: { size: "7" },
      flag: "true",
    });
    assert.deepEqual(
      [inputs["zone"], (inputs["block"] as Props)["size"], inputs["flag"], failures],
      ["5", 7, true, []],
    );
    assert.equal(checkInputs("t", fields, undefined, { zone: UNKNOWN }).inputs["zone"], UNKNOWN);
  });

  it("stores text sets in order, and every field", () => {
    const { tags, items, block, table } = state({ tags: ["b", "a"], items: [{ key: "k" }] });
    assert.deepEqual([tags, items, block, table], [["a", "b"], [{ key: "k", weight: 3 }], null, null]);
  });

  const cases: [string, Props, Props, Record<string, string>][] = [
    ["a scalar", { mark: "a" }, { mark: "b" }, { mark: "update-replace" }],
    ["a scalar that appears", {}, { mark: "b" }, { mark: "add-replace" }],
    ["a scalar that goes", { mark: "a" }, {}, { mark: "delete-replace" }],
    ["an empty text for none", { mark: "" }, {}, {}],
    ["a default for none", { zone: "z" }, {}, {}],
    ["what the server chose, left out", { made: "m" }, {}, {}],
    ["what the server chose, asked for", { made: "m" }, { made: "n" }, { made: "update-replace" }],
    ["something unknown", { mark: "a" }, { mark: UNKNOWN }, { mark: "update-replace" }],
    ["a set in another order", { tags: ["a", "b"] }, { tags: ["b", "a"] }, {}],
    ["a member of a set", { tags: ["a", "b"] }, { tags: ["a", "c"] }, { "tags[1]": "update-replace" }],
    ["a whole set", { tags: ["a"] }, {}, { tags: "delete-replace" }],
    [
      "a member of a set of blocks",
      { items: [{ key: "a" }] },
      { items: [{ key: "a", weight: 4 }] },
      { "items[0].weight": "update" },
    ],
    [
      "a block added to a set",
      { items: [{ key: "a" }] },
      { items: [{ key: "b" }, { key: "a" }] },
      { "items[0]": "add-replace" },
    ],
    ["all blocks of a set", { items: [{ key: "a" }] }, {}, { "items[0]": "delete-replace" }],
    ["an insertion into a list", { order: ["a", "c"] }, { order: ["a", "b", "c"] }, { "order[1]": "add" }],
    ["a removal from a list", { order: ["a", "b", "c"] }, { order: ["b", "c"] }, { "order[0]": "delete" }],
    ["a row", { rows: [{ key: "a" }] }, { rows: [{ key: "b" }] }, { "rows[0].key": "update-replace" }],
    [
      "a key of a map",
      { table: { "a.b": "1" } },
      { table: { "a.b": "2", c: "3" } },
      { 'table["a.b"]': "update", "table.c": "add" },
    ],
    ["a block that appears", {}, { block: { word: "w" } }, { block: "add-replace" }],
    ["a part of a block", { block: { size: 2 } }, { block: { size: 3 } }, { "block.size": "update" }],
  ];
  for (const [what, before, after, expected] of cases)
    it(`sees ${what}`, () => assert.deepEqual(diff(before, after), expected));

  const word = fc.string({ minLength: 1, maxLength: 3 });
  const rows = fc.uniqueArray(fc.record({ key: word, weight: fc.integer({ min: 1 }) }), {
    selector: (r) => r.key,
  });
  const anything = fc.record(
    {
      zone: word,
      mark: word,
      flag: fc.boolean(),
      tags: fc.uniqueArray(word),
      items: rows,
      order: fc.array(word),
      rows,
      table: fc.dictionary(
        word.filter((w) => w !== DEFAULTS),
        word,
      ),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<Props>;

  it("finds no change in the same inputs, and checks them once and for all", () => {
    fc.assert(
      fc.property(anything, (inputs) => {
        const once = check(inputs);
        assert.deepEqual(check(inputs, once), once);
        assert.deepEqual(diff(inputs, inputs), {});
      }),
    );
  });

  it("finds a change exactly where the state would differ", () => {
    fc.assert(
      fc.property(anything, anything, (before, after) => {
        const [old, next] = [state(check(before)), state(check(after))];
        const sorted = (value: Value | undefined): string =>
          JSON.stringify(Array.isArray(value) ? value.map((v) => JSON.stringify(v)).sort() : value);
        const empty = (value: Value | undefined): boolean =>
          sorted(value) === "[]" || sorted(value) === "{}" || value === null;
        const differs = Object.keys(fields).filter((name) => {
          const same =
            fields[name]!.kind === "set"
              ? sorted(old[name]) === sorted(next[name])
              : JSON.stringify(old[name]) === JSON.stringify(next[name]);
          return !same && !(empty(old[name]) && empty(next[name]));
        });
        const found = new Set(Object.keys(diff(before, after)).map((path) => path.split(/[.[]/)[0]!));
        // Dictionaries come in any order.
        const unordered = differs.filter((name) => name !== "table");
        assert.deepEqual([...found].filter((name) => name !== "table").sort(), unordered.sort());
      }),
    );
  });

  it("leaves unknown in a preview what the server chooses", () => {
    const out = previewOutputs(fields, check({ zone: "q" }));
    assert.deepEqual([out["made"], out["zone"], out["mark"], out["id"]], [UNKNOWN, "q", null, UNKNOWN]);
  });
});
