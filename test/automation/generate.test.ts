import assert from "node:assert/strict";
import { generated, stale } from "../../automation/generate.ts";

describe("generated files", () => {
  it("are current (npm run generate)", () => {
    assert.deepEqual(stale(), []);
  });

  it("are the editor's schema and the references", () => {
    assert.deepEqual(Object.keys(generated()), [
      "config/schema.json",
      "docs/audit.md",
      "docs/configuration.md",
    ]);
  });

  it("describe every setting of the reference", () => {
    const text = generated()["docs/configuration.md"]!;
    const rows = text.split("\n").filter((line) => line.startsWith("| `"));
    assert.ok(rows.length > 50, `${rows.length} settings`);
    const silent = rows.filter((row) => /\|\s*\|$/.test(row) && !/\.<name>|\[\]/.test(row));
    assert.deepEqual(silent, []);
  });
});
