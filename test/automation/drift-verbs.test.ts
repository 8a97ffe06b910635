import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const all = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, name]) => name!);

/** Verbs that leave nothing behind that could drift. */
const NOTHING_LEFT = ["confirm", "update-system", "guard"];

describe("a look at what each verb declares", () => {
  const components = readdirSync(join(ROOT, "components")).filter((name) => name.endsWith(".ts"));
  const declared = new Set(
    components.flatMap((name) => all(read(`components/${name}`), /\bverb: "([a-z-]+)"/g)),
  );
  const inspect = read("assets/host/fairlead/inspect.py");
  const looks = all(
    inspect.slice(inspect.indexOf("LOOKS = {"), inspect.indexOf("\n}")),
    /^ {4}"([a-z-]+)":/gm,
  );

  for (const verb of declared) {
    it(`is there for ${verb}`, () =>
      assert.ok(
        looks.includes(verb) || NOTHING_LEFT.includes(verb),
        `components call "${verb}"; add a look for it to LOOKS in assets/host/fairlead/inspect.py (docs/drift.md)`,
      ));
  }

  it("is for verbs that components use, and for the tools themselves", () => {
    assert.ok(declared.size > 10, [...declared].join());
    assert.deepEqual(
      looks.filter((verb) => verb !== "tools" && !declared.has(verb)),
      [],
    );
  });
});
