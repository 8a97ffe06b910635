import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ImageName } from "../../automation/images/index.ts";
import { alertmanagerYml } from "../../components/monitoring/alertmanager-yml.ts";
import { blackboxYml } from "../../components/monitoring/probes.ts";
import { ruleFiles } from "../../components/monitoring/rules/index.ts";
import { prometheusYml } from "../../components/monitoring/scrape.ts";
import { watched } from "../components/monitoring/sample.ts";
import { cleanUp, onEngine, PREFIX, published, run, start, until } from "./support.ts";

const NAMES: ImageName[] = [
  "prometheus",
  "alertmanager",
  "node-exporter",
  "postgres-exporter",
  "redis-exporter",
  "blackbox-exporter",
];

/** Whether a port of a container's own answers HTTP with a text in it; there is no other client in these images. */
const says = (port: number, path: string, text: string): string[] => [
  "bash",
  "-c",
  `exec 3<>/dev/tcp/127.0.0.1/${port}; printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3; grep -q '${text}' <&3`,
];

onEngine("images of monitoring, hardened", function () {
  this.timeout(60_000);
  let images: Record<string, string>;
  let folder: string;
  const stack = watched();

  before(async function () {
    this.timeout(300_000);
    images = await published(NAMES);
    folder = mkdtempSync(join(tmpdir(), "monitoring-"));
    chmodSync(folder, 0o755);
    for (const name of ["prometheus/rules", "prometheus/targets", "alertmanager", "blackbox"])
      mkdirSync(join(folder, name), { recursive: true });
    const files = {
      "prometheus/prometheus.yml": prometheusYml(stack),
      ...Object.fromEntries(
        Object.entries(ruleFiles(stack)).map(([name, text]) => [`prometheus/rules/${name}`, text]),
      ),
      "alertmanager/alertmanager.yml": alertmanagerYml(stack),
      "blackbox/config.yml": blackboxYml(stack, true),
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await cleanUp();
  });

  const common = (name: string) => ({ image: images[name]!, user: "65534:65534", tmpfs: ["/tmp"] });

  it("Prometheus takes our files, keeps its data in a volume, and has promtool", async () => {
    const container = await start({
      ...common("prometheus"),
      command: [
        "--config.file=/etc/prometheus/prometheus.yml",
        "--storage.tsdb.path=/prometheus",
        "--storage.tsdb.retention.size=1073741824B",
        "--log.format=json",
      ],
      volumes: { "/prometheus": `${PREFIX}-prometheus` },
      files: { "/etc/prometheus": join(folder, "prometheus") },
    });
    await until(container, 30, ...says(9090, "/-/ready", "Ready"));
    const check = await run(container, "promtool", "check", "config", "/etc/prometheus/prometheus.yml");
    assert.equal(check.code, 0, check.out);
    await until(container, 10, ...says(9090, "/api/v1/rules?type=alert", "BackendDown"));
    assert.match((await run(container, "prometheus", "--version")).out, /version 2\.53\./);
  });

  it("Alertmanager takes our file, with addresses that it reads from files", async () => {
    const container = await start({
      ...common("alertmanager"),
      command: [
        "--config.file=/etc/alertmanager/alertmanager.yml",
        "--storage.path=/alertmanager",
        "--cluster.listen-address=",
      ],
      volumes: { "/alertmanager": `${PREFIX}-alertmanager` },
      files: { "/etc/alertmanager": join(folder, "alertmanager") },
    });
    await until(container, 30, ...says(9093, "/-/ready", "OK"));
    const check = await run(container, "amtool", "check-config", "/etc/alertmanager/alertmanager.yml");
    assert.equal(check.code, 0, check.out);
    assert.match((await run(container, "alertmanager", "--version")).out, /version 0\.28\./);
  });

  it("the exporters begin with the options that they get, and answer", async () => {
    const node = await start({
      ...common("node-exporter"),
      command: ["--collector.disable-defaults", "--collector.cpu", "--log.format=json"],
    });
    await until(node, 15, ...says(9100, "/metrics", "node_cpu_seconds_total"));
    const postgres = await start({
      ...common("postgres-exporter"),
      command: ["--log.format=json", "--no-collector.wal", "--no-collector.replication_slot"],
      env: [
        "DATA_SOURCE_URI=127.0.0.1:1/none?sslmode=disable",
        "DATA_SOURCE_USER=metrics",
        "DATA_SOURCE_PASS=x",
      ],
    });
    await until(postgres, 15, ...says(9187, "/metrics", "pg_up 0"));
    writeFileSync(join(folder, "passwords.json"), JSON.stringify({ "redis://metrics@127.0.0.1:1": "x" }));
    const redis = await start({
      ...common("redis-exporter"),
      command: [
        "-redis.addr=redis://127.0.0.1:1",
        "-redis.user=metrics",
        "-redis.password-file=/run/secrets/passwords.json",
        "-config-command=-",
        "-log-format=json",
      ],
      files: { "/run/secrets/passwords.json": join(folder, "passwords.json") },
    });
    await until(redis, 15, ...says(9121, "/metrics", "redis_up 0"));
    const blackbox = await start({
      ...common("blackbox-exporter"),
      command: ["--config.file=/etc/blackbox_exporter/config.yml", "--log.format=json"],
      files: { "/etc/blackbox_exporter": join(folder, "blackbox") },
    });
    await until(
      blackbox,
      15,
      ...says(9115, "/probe?module=http&target=https://127.0.0.1:1/", "probe_success 0"),
    );
  });
});
