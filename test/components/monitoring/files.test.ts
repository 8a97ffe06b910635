import assert from "node:assert/strict";
import { parse } from "yaml";
import { alertmanagerYml } from "../../../components/monitoring/alertmanager-yml.ts";
import { isAlert } from "../../../components/monitoring/rule.ts";
import { ruleFiles, ruleGroups } from "../../../components/monitoring/rules/index.ts";
import { jobNames, prometheusYml } from "../../../components/monitoring/scrape.ts";
import { lint, withFiles } from "./tools.ts";
import { watched } from "./sample.ts";

/** Paths as the tools find them here. */
const here = (text: string): string => text.replaceAll("/etc/prometheus/", "");

describe("prometheus.yml and its rules", () => {
  it("are accepted by promtool", async () => {
    const stack = watched();
    const rules = Object.entries(ruleFiles(stack)).map(([name, text]) => [`rules/${name}`, text]);
    const files = {
      ...(Object.fromEntries(rules) as Record<string, string>),
      "prometheus.yml": here(prometheusYml(stack)),
      "targets/shop.json": "[]",
    };
    await withFiles(files, async (folder) => {
      const { code, text } = await lint("promtool", ["check", "config", "prometheus.yml"], folder);
      assert.equal(code, 0, text);
      assert.match(text, /SUCCESS: 4 rule files found/);
    });
  });
});

describe("a stack without some of it", () => {
  const jobs = (settings: Record<string, unknown>): string[] => jobNames(watched(settings));
  const alerts = (settings: Record<string, unknown>): string[] =>
    Object.values(ruleGroups(watched(settings)))
      .flat()
      .flatMap(({ rules }) => rules.filter(isAlert).map(({ alert }) => alert));

  it("has neither jobs nor alerts of what it doesn't run", () => {
    const monitoring = { enabled: true, exporters: { database: false }, probes: { enabled: false } };
    const less = { monitoring, cache: { enabled: false } };
    const gone = jobs({}).filter((name) => !jobs(less).includes(name));
    assert.deepEqual(gone, [
      "postgres",
      "redis",
      "blackbox",
      "blackbox-http",
      "blackbox-tls",
      "blackbox-dns",
    ]);
    const silent = new Set(alerts({}).filter((name) => !alerts(less).includes(name)));
    assert.deepEqual([...silent].sort(), [
      "DatabaseConnectionsHigh",
      "NameNotFound",
      "PostgresDown",
      "RedisDown",
      "SiteDown",
      "TlsFailing",
    ]);
  });
});

/** Debian 12's amtool is older than these two settings, which say where the same address is read from. */
const known = (text: string): string =>
  text.replace(
    /\b(webhook_)?url_file: (\S+)/g,
    (_, prefix: string | undefined, path: string) => `${prefix ?? ""}url: http://example.com${path}`,
  );

describe("alertmanager.yml", () => {
  const text = alertmanagerYml(watched());

  /** What amtool says of a command over the file. */
  async function amtool(file: string, ...args: string[]): Promise<string> {
    return withFiles({ "alertmanager.yml": known(file) }, async (folder) => {
      const { code, text: words } = await lint("amtool", args, folder);
      assert.equal(code, 0, `${words}\n${file}`);
      return words;
    });
  }

  it("is accepted by amtool", async () => {
    assert.match(await amtool(text, "check-config", "alertmanager.yml"), /4 receivers/);
    const nobody = alertmanagerYml(watched({ notifications: {} }));
    assert.match(await amtool(nobody, "check-config", "alertmanager.yml"), /3 receivers/);
  });

  it("leads alerts by their severity, and the watchdog to the dead man's switch", async () => {
    const route = async (...labels: string[]): Promise<string> => {
      const words = await amtool(
        text,
        "config",
        "routes",
        "test",
        "--config.file=alertmanager.yml",
        ...labels,
      );
      // It may warn of another flag, on stderr: before or after its answer.
      return words
        .trim()
        .split("\n")
        .filter((line) => !line.startsWith("Warning: "))
        .join("\n");
    };
    assert.equal(await route("alertname=SiteDown", "severity=critical"), "critical");
    assert.equal(await route("alertname=JobFailed", "severity=warning"), "warning");
    assert.equal(await route("alertname=Watchdog", "severity=none"), "watchdog");
    assert.equal(await route("alertname=Other", "severity=none"), "nobody");
  });

  /** The file as Alertmanager reads it. */
  const read = (notifications: object): Record<string, any> =>
    parse(alertmanagerYml(watched({ notifications }))) as Record<string, any>;

  it("tells each receiver of the severities that it lists", () => {
    const { receivers } = read({ slack: { severities: ["critical"] }, discord: {} });
    const kinds = (receivers as Record<string, unknown>[]).map(({ name, ...rest }) => [
      name,
      Object.keys(rest),
    ]);
    assert.deepEqual(kinds, [
      ["nobody", []],
      ["critical", ["slack_configs", "discord_configs"]],
      ["warning", ["discord_configs"]],
    ]);
  });

  it("keeps warnings back in quiet hours, over midnight too, and nothing else", () => {
    const over = read({ slack: {}, quiet: { from: "22:00", to: "07:00", timeZone: "Europe/Paris" } });
    assert.deepEqual(over.time_intervals[0].time_intervals, [
      {
        times: [
          { start_time: "22:00", end_time: "24:00" },
          { start_time: "00:00", end_time: "07:00" },
        ],
        location: "Europe/Paris",
      },
    ]);
    const muted = (over.route.routes as Record<string, unknown>[]).filter((one) => one.mute_time_intervals);
    assert.deepEqual(
      muted.map(({ receiver }) => receiver),
      ["warning"],
    );
    const within = (from: string, to: string): unknown =>
      read({ slack: {}, quiet: { from, to } }).time_intervals[0].time_intervals[0].times;
    assert.deepEqual(within("12:00", "14:00"), [{ start_time: "12:00", end_time: "14:00" }]);
    assert.deepEqual(within("22:00", "00:00"), [{ start_time: "22:00", end_time: "24:00" }]);
  });

  it("silences with every cause alerts that there are", () => {
    const groups = Object.values(ruleGroups(watched())).flat();
    const alerts = groups.flatMap(({ rules }) => rules.filter(isAlert).map(({ alert }) => alert));
    const named = (read({ slack: {} }).inhibit_rules as Record<string, string[]>[]).flatMap((rule) =>
      [...rule.source_matchers!, ...rule.target_matchers!].flatMap(
        (matcher) => /alertname =~? "(.*)"/.exec(matcher)?.[1]?.split("|") ?? [],
      ),
    );
    assert.ok(named.length > 10);
    assert.deepEqual(
      named.filter((name) => !alerts.includes(name)),
      [],
    );
  });
});
