import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isAlert, runbook } from "../../../components/monitoring/rule.ts";
import { ruleGroups } from "../../../components/monitoring/rules/index.ts";
import { watched } from "./sample.ts";

const ROOT = join(__dirname, "..", "..", "..");
const FOLDER = join(ROOT, "docs", "runbooks");

/** What no alert leads to (O2, O8, O9). */
const OTHERS = ["FrontendDown", "README", "cleanup", "incident"];

describe("the runbooks", () => {
  const rules = Object.values(ruleGroups(watched())).flatMap((groups) =>
    groups.flatMap((group) => group.rules),
  );
  const alerts = [...new Set(rules.filter(isAlert).map(({ alert }) => alert))].sort();

  it("are there for each alert, and say where to look and what to do", () => {
    assert.ok(alerts.length >= 30, String(alerts.length));
    for (const alert of alerts) {
      const text = readFileSync(join(ROOT, runbook(alert, undefined)), "utf8");
      assert.ok(text.startsWith(`# Runbook: ${alert}\n`), alert);
      assert.match(text, /## Look\n\n```sh\n[^`]+```\n\n## Do\n\n- /, alert);
    }
  });

  it("are there for nothing else", () => {
    const expected = [...alerts, ...OTHERS].map((name) => `${name}.md`).sort();
    assert.deepEqual(readdirSync(FOLDER).sort(), expected);
  });

  it("are found where the stack says", () => {
    assert.equal(runbook("SiteDown", "https://wiki.test/ops/"), "https://wiki.test/ops/SiteDown");
  });
});
