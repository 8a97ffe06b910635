import assert from "node:assert/strict";
import { alertmanagerYml } from "../../../components/monitoring/alertmanager-yml.ts";
import { ruleFiles } from "../../../components/monitoring/rules/index.ts";
import { prometheusYml } from "../../../components/monitoring/scrape.ts";
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

describe("alertmanager.yml", () => {
  it("is accepted by amtool", async () => {
    // Debian 12's amtool is older than these two settings, which say where the same address is read from.
    const known = alertmanagerYml(watched()).replace(
      /\b(webhook_)?url_file: (\S+)/g,
      (_, prefix: string | undefined, path: string) => `${prefix ?? ""}url: http://example.com${path}`,
    );
    await withFiles({ "alertmanager.yml": known }, async (folder) => {
      const { code, text } = await lint("amtool", ["check-config", "alertmanager.yml"], folder);
      assert.equal(code, 0, `${text}\n${known}`);
      assert.match(text, /4 receivers/);
    });
  });
});
