import assert from "node:assert/strict";
import { parse } from "yaml";
import { generated, stale } from "../../automation/generate.ts";
import { releases } from "../../config/schema/images.ts";

describe("generated files", () => {
  it("are current (npm run generate)", () => {
    assert.deepEqual(stale(), []);
  });

  it("are what the server checks, the ids of the audit's checks, the editor's schema and the references", () => {
    assert.deepEqual(Object.keys(generated()), [
      "assets/host/fairlead/contract.json",
      "config/audit-checks.ts",
      "config/schema.json",
      "docs/audit.md",
      "docs/configuration.md",
      "docs/import.md",
    ]);
  });

  it("describe every setting of the reference", () => {
    const text = generated()["docs/configuration.md"]!;
    const rows = text.split("\n").filter((line) => line.startsWith("| `"));
    assert.ok(rows.length > 50, `${rows.length} settings`);
    const silent = rows.filter((row) => /\|\s*\|$/.test(row) && !/\.<name>|\[\]/.test(row));
    assert.deepEqual(silent, []);
  });

  it("show what stands below names and lists, and an example of traffic that the settings accept", () => {
    const text = generated()["docs/configuration.md"]!;
    for (const path of ["releases.<name>[].image", "releases.<name>[].weight", "apps.<name>.routes[].path"])
      assert.match(text, new RegExp(`^\\| \`${path.replace(/[[\].]/g, "\\$&")}\` \\| .*\\w`, "m"));
    const traffic = text.slice(text.indexOf("## releases"));
    const example = parse(/```yaml\n([^]*?)```/.exec(traffic)![1]!) as { config: Record<string, unknown> };
    const accepted = releases.parse(example.config["fairlead:releases"]);
    assert.equal(Object.values(accepted)[0]!.length, 2);
  });
});
