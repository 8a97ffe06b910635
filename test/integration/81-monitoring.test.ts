import assert from "node:assert/strict";
import { until } from "./support/box.ts";
import { Receiver } from "./support/receiver.ts";
import { world } from "./support/stack.ts";

const MONITORING = { enabled: true, scrape: "5 s", evaluation: "5 s" };
const NOTIFICATIONS = { webhook: {}, watchdog: { every: "30 s" } };

/** An application's targets come half a minute after the others. */
const JOBS = [
  "prometheus",
  "alertmanager",
  "applications",
  "postgres",
  "redis",
  "haproxy",
  "node",
  "nginx",
  "server",
  "blackbox-http",
  "blackbox-tls",
];

describe("figures and alerts", function () {
  this.timeout(400_000);
  const receiver = new Receiver();
  let without: string;

  before("the stack with monitoring, and somebody who is told", async () => {
    await world.ready();
    without = world.file;
    const address = await receiver.start();
    for (const [name, path] of [
      ["ALERT_WEBHOOK_URL", "alerts"],
      ["WATCHDOG_URL", "watchdog"],
    ])
      await world.project.pulumi(
        ["config", "set", "--secret", name!, "--stack", world.stack],
        `${address}/${path}`,
      );
    world.project.edit(world.stack, (file) => {
      file.setIn(["config", "fairlead:monitoring"], file.createNode(MONITORING));
      file.setIn(["config", "fairlead:notifications"], file.createNode(NOTIFICATIONS));
      file.setIn(["config", "fairlead:apps", "backend", "metrics"], file.createNode({ interval: "5 s" }));
    });
    await world.up();
    // What comes after a failed test comes back to this.
    world.keep();
  });

  after("the stack as it was", async () => {
    await receiver.stop();
    world.file = without;
    await world.up();
    world.keep();
  });

  /** What Prometheus says of an expression, a line each. */
  async function ask(expression: string): Promise<string[]> {
    const argv = [
      "docker",
      "exec",
      "maicivy_prometheus",
      "promtool",
      "query",
      "instant",
      "http://127.0.0.1:9090",
    ];
    const { stdout, stderr, exitCode } = await world.ssh([...argv, expression]);
    assert.equal(exitCode, 0, stderr);
    return stdout.split("\n").filter(Boolean);
  }

  it("come from everything that is declared", async () => {
    let jobs = "";
    await until("an answer of every target", 120, async () => {
      jobs = (await ask("count by (job) (up)")).join("\n");
      return JOBS.every((job) => jobs.includes(`job="${job}"`)) && (await ask("up == 0")).length === 0;
    }).catch((error: Error) => assert.fail(`${error.message}; there are\n${jobs}`));
    const labels = (await ask('up{job="applications"}')).join("\n");
    assert.match(labels, /app="backend".*process="web".*release="backend-[0-9a-f]{10}"/);
  });

  it("have what rules and dashboards stand on", async () => {
    const expressions = [
      'node_filesystem_size_bytes{mountpoint="/"}',
      'node_network_receive_bytes_total{device="eth0"}',
      "node_memory_MemAvailable_bytes",
      "pg_up == 1",
      "pg_stat_database_numbackends",
      "pg_settings_max_connections",
      "redis_up == 1",
      "redis_memory_max_bytes > 0",
      "nginx_up == 1",
      'haproxy_backend_http_responses_total{app="backend",code="5xx"}',
      'haproxy_backend_active_servers{app="backend"} > 0',
      "fairlead_switch_slot",
      "fairlead_release_weight == 1",
      'fairlead_container_memory_bytes{app="backend"} > 0',
      'fairlead_container_cpu_seconds_total{service="postgres"} > 0',
      "fairlead_certificate_not_after_timestamp_seconds > 0",
      "fairlead_unit_next_run_timestamp_seconds > 0",
      'fairlead_folder_bytes{folder="prometheus"} > 0',
      "probe_success == 1",
    ];
    for (const expression of expressions)
      await until(expression, 60, async () => (await ask(expression)).length > 0);
  });

  it("fire no alert while all is well", async () => {
    const firing = await ask('ALERTS{alertstate="firing",alertname!="Watchdog"}');
    assert.deepEqual(firing, []);
    assert.deepEqual(
      receiver.received.filter(({ path }) => path === "/alerts"),
      [],
    );
  });

  it("reach a person: npm run alert -- --test says who got it", async () => {
    const { stdout, exitCode } = await world.project.run("alert", "--stack", world.stack, "--test", "--json");
    assert.equal(exitCode, 0, stdout);
    const { receivers } = JSON.parse(stdout) as {
      receivers: Record<string, { sent: number; failed: number }>;
    };
    assert.ok(receivers.webhook!.sent >= 1, stdout);
    const [test] = receiver.of("TestAlert");
    assert.equal(test!.alerts[0]!.annotations.summary, "this is only a test");
  });

  it("reach a person within two minutes of an outage, by its cause alone, and say when it is over", async () => {
    const began = Date.now();
    await world.ssh(["docker", "stop", "--time", "1", "maicivy_nginx"]);
    try {
      await until("the alert", 150, () => Promise.resolve(receiver.of("EdgeDown").length > 0));
    } finally {
      await world.ssh(["docker", "start", "maicivy_nginx"]);
    }
    const [down] = receiver.of("EdgeDown");
    const seconds = Math.round((down!.at - began) / 1000);
    assert.ok(seconds <= 120, `${seconds} s`);
    const { labels, annotations } = down!.alerts[0]!;
    assert.deepEqual([labels.severity, annotations.summary], ["critical", "Nginx is down"]);
    await until("its end", 150, () =>
      Promise.resolve(receiver.of("EdgeDown").some(({ status }) => status === "resolved")),
    );
    assert.deepEqual(receiver.of("SiteDown"), [], "what follows from it is nobody's to read");
    console.log(`      told after ${seconds} s`);
  });

  it("tell a dead man's switch again and again that somebody watches", async () => {
    await until("two words of the watchdog", 120, () => Promise.resolve(receiver.of("Watchdog").length >= 2));
    assert.ok(receiver.of("Watchdog").every(({ path }) => path === "/watchdog"));
  });

  it("are nothing that a further update changes", async () => {
    const { stdout, exitCode } = await world.project.run(
      "up",
      "--stack",
      world.stack,
      "--watch",
      "0",
      "--json",
    );
    assert.equal(exitCode, 0, stdout);
    const { changed } = JSON.parse(stdout) as { changed: number };
    assert.equal(changed, 0, stdout);
  });

  it("cost at most 250 MB", async () => {
    const { stdout } = await world.ssh([
      "docker",
      "stats",
      "--no-stream",
      "--format",
      "{{.Name}} {{.MemUsage}}",
    ]);
    const own = /_(prometheus|alertmanager|[a-z]+-exporter) ([\d.]+)(MiB|GiB)/;
    const used = stdout.split("\n").flatMap((line) => {
      const found = own.exec(line);
      return found ? [Number(found[2]) * (found[3] === "GiB" ? 1024 : 1)] : [];
    });
    assert.equal(used.length, 6, stdout);
    const sum = used.reduce((total, one) => total + one, 0);
    assert.ok(sum <= 250, stdout);
  });
});
