import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { dashboards } from "../../components/monitoring/dashboards/index.ts";
import { isInstalled, LoadedPrometheus } from "../support/prometheus/server.ts";

const ALL = dashboards({
  name: "maicivy",
  environment: "production",
  apps: ["backend", "frontend"],
  database: true,
  cache: true,
});

(isInstalled ? describe : describe.skip)("the dashboards of a loaded stack", function () {
  this.timeout(60_000);
  const prometheus = new LoadedPrometheus();
  before(() => prometheus.start());
  after(() => prometheus.stop());

  it("get data for every query that isn't about what is wrong", async () => {
    const empty: string[] = [];
    for (const { uid, sections, annotations } of ALL) {
      const queries = sections.flatMap(({ panels }) =>
        panels.flatMap(({ id, queries: all }) => all.map(({ expr }) => ({ id, expr }))),
      );
      for (const { id, expr } of [...queries, { id: "annotations", expr: annotations?.expr ?? "1" }])
        if ((await prometheus.ask(expr)) === 0) empty.push(`${uid} ${id}: ${expr}`);
    }
    // Only what has happened: an alert, a restart, a queue.
    assert.deepEqual(
      empty.filter((one) => !/> 0$/.test(one)),
      [],
    );
  });

  it("are drawn with every panel, and none of them empty", () => {
    const spec = { dashboards: ALL, port: prometheus.port, now: prometheus.now, view: "last hour" };
    const { stdout, stderr, status } = spawnSync(
      "python3",
      [join(__dirname, "../support/prometheus/draw.py")],
      { encoding: "utf8", input: JSON.stringify(spec), maxBuffer: 64 * 1024 ** 2 },
    );
    assert.equal(status, 0, stderr);
    const pages = JSON.parse(stdout) as Record<string, string>;
    for (const { uid, sections } of ALL) {
      const html = pages[uid]!;
      for (const { id, kind } of sections.flatMap(({ panels }) => panels)) {
        const [, panel] = new RegExp(`aria-labelledby="${id}">([^]*?)</article>`).exec(html)!;
        assert.doesNotMatch(panel!, /no data|not asked/, `${uid} ${id}`);
        if (kind === "line" || kind === "area") assert.match(panel!, /<path class="line c0" d="M/, id);
      }
      assert.doesNotMatch(html, /<script|https?:\/\/(?!maicivy\.test)/, uid);
      assert.ok(html.length < 200_000, `${uid}: ${html.length} bytes`);
    }
  });
});
