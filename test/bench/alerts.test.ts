import assert from "node:assert/strict";
import { plan } from "../../bench/alerts/all.ts";
import type { People } from "../../bench/alerts/people.ts";
import type { AlertStack } from "../../bench/alerts/stack.ts";
import { isAlert } from "../../components/monitoring/rule.ts";
import { ruleGroups } from "../../components/monitoring/rules/index.ts";
import { watched } from "../components/monitoring/sample.ts";

/** One is sent by `npm run alert -- --test`, and one always fires. */
const OTHERS = ["TestAlert", "Watchdog"];

describe("the bench of alerts", () => {
  it("breaks something for every alert that there is", () => {
    // Nothing is broken here: only what would be is looked at.
    const scene = {
      stack: { root: "/opt/maicivy" } as AlertStack,
      people: {} as People,
      memory: { total: 1, available: 1 },
    };
    const { before, together, after } = plan(scene, 0);
    const broken = [...before.flat(), ...together, ...after.flat()].flatMap(({ alerts }) => alerts);
    const rules = Object.values(ruleGroups(watched())).flatMap((groups) =>
      groups.flatMap(({ rules: all }) => all),
    );
    const names = new Set(rules.filter(isAlert).map(({ alert }) => alert));
    for (const name of OTHERS) names.delete(name);
    assert.deepEqual([...new Set(broken.map(({ alert }) => alert))].sort(), [...names].sort());
  });
});
