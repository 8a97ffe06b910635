import assert from "node:assert/strict";
import { check } from "../../config/check/index.ts";
import { objectivesOf, scrapedOf, thresholdsOf } from "../../config/objectives.ts";
import { parse } from "../../config/parse.ts";
import { ConfigError } from "../../config/problems.ts";
import { MINIMAL, parsed, raw } from "../support/settings.ts";

const ON = { enabled: true };
const api = MINIMAL.apps.api;

/** `path: message` of every problem that only references and secrets have. */
function problems(settings: Record<string, unknown>, secrets: Record<string, string> = {}): string[] {
  const { config } = parsed(settings);
  return check("test", config, secrets).map(({ path, message }) => `${path}: ${message}`);
}

describe("settings of monitoring", () => {
  const bad: [string, Record<string, unknown>, string, RegExp][] = [
    [
      "a share of more than all",
      { thresholds: { errorShare: { above: "101%" } } },
      "monitoring.thresholds.errorShare.above",
      /a share/,
    ],
    [
      "a share without its sign",
      { thresholds: { memory: { above: "0.9" } } },
      "monitoring.thresholds.memory.above",
      /a share/,
    ],
    [
      "an objective without a budget",
      { objectives: { availability: "100%" } },
      "monitoring.objectives.availability",
      /below 100%/,
    ],
    ["a latency of nothing", { objectives: { latency: "0 s" } }, "monitoring.objectives.latency", /above 0/],
    [
      "figures that are kept for an hour",
      { retention: { time: "1 h" } },
      "monitoring.retention.time",
      /at least 1 d/,
    ],
    ["a scrape each second", { scrape: "1 s" }, "monitoring.scrape", /from 5 s to 2 min/],
    ["a label with a hyphen", { labels: { "my-label": "x" } }, "monitoring.labels.my-label", /a label/],
    [
      "an unknown severity",
      { thresholds: { cpu: { severity: "fatal" } } },
      "monitoring.thresholds.cpu.severity",
      /critical, warning/,
    ],
    [
      "a threshold of one application that isn't one",
      { apps: { api: { thresholds: { disk: {} } } } },
      "monitoring.apps.api.thresholds.disk",
      /./,
    ],
    [
      "no name server",
      { probes: { resolver: "dns.example.com" } },
      "monitoring.probes.resolver",
      /address of a name server/,
    ],
    ["a place for runbooks that is no address", { runbooks: "wiki" }, "monitoring.runbooks", /an address/],
  ];

  for (const [title, monitoring, path, message] of bad) {
    it(`refuse ${title}`, () => {
      assert.throws(
        () => parse("fairlead", "test", raw({ ...MINIMAL, monitoring: { ...ON, ...monitoring } })),
        (error: ConfigError) => {
          const found = error.problems.find((problem) => problem.path === path);
          assert.match(found?.message ?? JSON.stringify(error.problems), message);
          return true;
        },
      );
    });
  }

  it("are refused where they would do nothing", () => {
    assert.deepEqual(problems({ monitoring: { scrape: "30 s" } }), [
      "monitoring.scrape: it is set, and monitoring is off",
    ]);
    assert.deepEqual(problems({ monitoring: { edgeStatus: false } }), []);
    assert.deepEqual(problems({ monitoring: { ...ON, edgeStatus: false } }), [
      "monitoring.edgeStatus: it is off, and monitoring needs its figures",
    ]);
    const set = { SLACK_WEBHOOK_URL: "https://x", WATCHDOG_URL: "https://y" };
    assert.deepEqual(problems({ notifications: { slack: {}, watchdog: {} } }, set), [
      "notifications.watchdog: it is set, and monitoring is off",
    ]);
  });

  it("name applications that there are", () => {
    assert.deepEqual(problems({ monitoring: { ...ON, apps: { web: {} } } }), [
      'monitoring.apps.web: expected one of api, found "web"',
    ]);
  });

  it("ask for the secrets of receivers, each on one line", () => {
    const email = { to: ["a@b.test"], from: "c@d.test", host: "smtp.d.test" };
    const notifications = {
      slack: {},
      discord: { url: "HOOK" },
      email: { ...email, user: "c" },
      watchdog: {},
    };
    assert.deepEqual(
      problems({ monitoring: ON, notifications }, { SLACK_WEBHOOK_URL: "https://x\ny", HOOK: "https://z" }),
      [
        "SLACK_WEBHOOK_URL: expected a secret of one line, found a line break in it",
        "notifications.email.password: the secret SMTP_PASSWORD is not set",
        "notifications.watchdog.url: the secret WATCHDOG_URL is not set",
      ],
    );
    assert.deepEqual(problems({ monitoring: ON, notifications: { email } }), []);
  });

  it("take no quiet hours of nothing", () => {
    const quiet = { from: "22:00", to: "22:00" };
    assert.deepEqual(problems({ monitoring: ON, notifications: { quiet } }), [
      "notifications.quiet.to: expected another time than 22:00, at which they begin",
    ]);
  });

  it("ask where an application without HTTP exports figures", () => {
    const tcp = { image: api.image, ports: [{ port: 5000, to: 5000 }], metrics: {} };
    assert.deepEqual(problems({ apps: { api: tcp } }), [
      "apps.api.metrics.port: the application answers no HTTP",
    ]);
    assert.deepEqual(problems({ apps: { api: { image: api.image, metrics: { port: 1 } } } }), [
      "apps.api.metrics: the application has no web process",
    ]);
  });
});

describe("objectives and thresholds", () => {
  const { config } = parsed({
    monitoring: {
      ...ON,
      objectives: { availability: "99.5%" },
      apps: { api: { objectives: { latency: "200 ms" }, thresholds: { errorShare: { above: "1%" } } } },
    },
  });

  it("are those of all but where an application has its own", () => {
    assert.deepEqual(objectivesOf(config, "api"), {
      availability: 0.995,
      latency: 0.2,
      latencyTime: 0.99,
      minimum: 100,
    });
    assert.equal(objectivesOf(config, "other").latency, 0.5);
    assert.deepEqual(thresholdsOf(config, "api").errorShare, { above: 0.01, for: 300, severity: "warning" });
    assert.equal(thresholdsOf(config, "other").errorShare.above, 0.05);
    assert.equal(thresholdsOf(config, "api").errorRate, undefined);
  });
});

describe("what exports figures", () => {
  it("are the processes that say so, at their own port, path and interval", () => {
    const { config } = parsed({
      apps: {
        api: {
          ...api,
          metrics: { interval: "10 s" },
          processes: {
            worker: { command: ["w"], metrics: { port: 9000, path: "/figures" } },
            other: { command: ["o"] },
          },
        },
      },
    });
    assert.deepEqual(scrapedOf(config.apps.api!), [
      { process: "web", port: 8080, path: "/metrics", interval: 10 },
      { process: "worker", port: 9000, path: "/figures", interval: undefined },
    ]);
    assert.deepEqual(scrapedOf(parsed().config.apps.api!), []);
  });
});

describe("Grafana among the applications", () => {
  const withGrafana = (files: object[], more: object = {}): Record<string, unknown> => ({
    apps: { api, grafana: { image: "grafana/grafana:11.6.0", port: 3001, files } },
    monitoring: { ...ON, grafana: "grafana", ...more },
  });

  it("has no problem", () => assert.deepEqual(problems(withGrafana([])), []));

  it("must be an application of the stack", () =>
    assert.deepEqual(problems(withGrafana([], { grafana: "graphs" })), [
      'monitoring.grafana: expected one of api, grafana, found "graphs"',
    ]));

  it("gets nothing while monitoring is off", () =>
    assert.deepEqual(problems(withGrafana([], { enabled: false })), [
      "monitoring.grafana: it is set, and monitoring is off",
    ]));

  it("can't have a file of its own where one of the stack is", () => {
    const source = "grafana.yaml";
    const files = [
      { source, path: "/etc/grafana/grafana.ini" },
      { source, path: "/etc/grafana/provisioning/datasources/prometheus.yaml" },
      { source, path: "/var/lib/grafana/dashboards/own.json" },
      { source, path: "/var/lib/grafana/dashboards-of-mine/own.json" },
    ];
    assert.deepEqual(
      problems(withGrafana(files)).map((one) => one.split(":")[0]),
      ["apps.grafana.files[1].path", "apps.grafana.files[2].path"],
    );
  });
});
