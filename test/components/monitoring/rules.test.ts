import assert from "node:assert/strict";
import { asRule, isAlert, type Alert } from "../../../components/monitoring/rule.ts";
import { ruleFiles, ruleGroups } from "../../../components/monitoring/rules/index.ts";
import { yaml } from "../../../components/monitoring/yaml.ts";
import { FEW } from "./cases/burn.ts";
import { CASES, type Case } from "./cases/index.ts";
import { YOUNG } from "./cases/server.ts";
import { STEP } from "./series.ts";
import { lint, withFiles } from "./tools.ts";
import { watched } from "./sample.ts";

const STACK = watched();
const ALERTS = Object.values(ruleGroups(STACK))
  .flatMap((groups) => groups.flatMap(({ rules }) => rules))
  .filter(isAlert);

/** Labels of the rule, and what its words are with those of the alert and with its figure. */
function expected(rule: Alert, { labels = {}, figure }: Case): object {
  const own = { severity: rule.severity, ...rule.labels, ...labels };
  const said = (text: string): string =>
    text
      .replace(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => (own as Record<string, string>)[name] ?? "")
      .replace(/\{\{ \$value[^}]*\}\}/g, figure);
  const { annotations } = asRule(rule, undefined) as { annotations: Record<string, string> };
  const words = Object.entries(annotations).map(([name, text]) => [name, said(text)]);
  return { exp_labels: own, exp_annotations: Object.fromEntries(words) as object };
}

function ruleOf({ alert, rule = {} }: Case): Alert {
  const fits = (one: Alert): boolean =>
    Object.entries(rule).every(([name, value]) =>
      name === "expr"
        ? one.expr.startsWith(value)
        : { severity: one.severity, ...one.labels }[name] === value,
    );
  const found = ALERTS.filter((one) => one.alert === alert && fits(one));
  assert.ok(found.length > 0, `a rule ${alert} ${JSON.stringify(rule)}`);
  return found[0]!;
}

/** What fires at a moment, of the rules of that name. Others of them may fire too: those that the case doesn't mean aren't loaded. */
const at = (seconds: number, alert: string, exp: object[]): object => ({
  eval_time: `${seconds}s`,
  alertname: alert,
  exp_alerts: exp,
});

/** The rule alone, and what is recorded where it asks for that. */
function files(rule: Alert, one: Pick<Case, "series" | "step">, checks: object[]): Record<string, string> {
  const step = `${one.step ?? STEP}s`;
  const asks = /\bapp:\w+:/.test(rule.expr);
  const recorded: Record<string, string> = asks ? { "recorded.yml": ruleFiles(STACK)["recorded.yml"]! } : {};
  const groups = asks ? ruleGroups(STACK).recorded!.map(({ name }) => name) : [];
  return {
    ...recorded,
    "rule.yml": yaml({ groups: [{ name: "tested", rules: [asRule(rule, undefined)] }] }),
    "test.yml": yaml({
      rule_files: [...Object.keys(recorded), "rule.yml"],
      evaluation_interval: step,
      // What is recorded from recorded figures comes after them.
      group_eval_order: [...groups, "tested"],
      tests: [{ interval: step, input_series: one.series, alert_rule_test: checks }],
    }),
  };
}

async function promtool(contents: Record<string, string>): Promise<void> {
  await withFiles(contents, async (folder) => {
    const { code, text } = await lint("promtool", ["test", "rules", "test.yml"], folder);
    assert.equal(code, 0, text);
  });
}

describe("each alert", function () {
  this.timeout(60_000);

  for (const one of CASES) {
    const of = Object.values(one.rule ?? {}).join(" ");
    it(`${one.alert} ${of} is quiet, waits its time, fires and ends`, async () => {
      const rule = ruleOf(one);
      if (rule.for) assert.ok(one.early, "a moment before its time is over");
      await promtool(
        files(rule, one, [
          at(one.quiet, one.alert, []),
          at(one.early ?? one.quiet, one.alert, []),
          at(one.fires, one.alert, [expected(rule, one)]),
          at(one.resolved, one.alert, []),
        ]),
      );
    });
  }

  it("about a budget says nothing of a few requests", async () => {
    const rule = ruleOf({ alert: "ErrorBudgetBurn", rule: { app: "shop", window: "1h" } } as unknown as Case);
    await promtool(files(rule, FEW, [at(FEW.at, "ErrorBudgetBurn", [])]));
  });

  it("about the disk that will be full says nothing of a server that is new", async () => {
    const rule = ruleOf({ alert: "DiskFullSoon" } as unknown as Case);
    await promtool(files(rule, YOUNG, [at(YOUNG.at, "DiskFullSoon", [])]));
  });

  it("is among these", () => {
    const tested = new Set(CASES.map(({ alert }) => alert));
    const missing = [...new Set(ALERTS.map(({ alert }) => alert))].filter((alert) => !tested.has(alert));
    // It always fires.
    assert.deepEqual(missing, ["Watchdog"]);
  });
});
