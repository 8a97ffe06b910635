import type { Breakage, Scene } from "./breakage.ts";
import { rules } from "./stack.ts";

const EXTRA = "bench.yml";
/** Two series for each on the right: Prometheus can't tell which is meant. */
const IMPOSSIBLE = rules([
  { name: "impossible", rules: [{ record: "bench:impossible", expr: "up * on () up" }] },
]);

const DROP = ["-p", "tcp", "--dport", "443", "-j", "DROP"];

/** Sessions that do nothing, by the socket inside Postgres's container. */
const SESSIONS = `import socket, struct, subprocess, time
pid = subprocess.check_output(["docker", "inspect", "--format", "{{.State.Pid}}", "maicivy_postgres"], text=True).strip()
kept = []
words = b"user\\0postgres\\0database\\0postgres\\0\\0"
for _ in range(84):
    one = socket.socket(socket.AF_UNIX)
    one.connect(f"/proc/{pid}/root/var/run/postgresql/.s.PGSQL.5432")
    one.sendall(struct.pack("!ii", len(words) + 8, 196608) + words)
    kept.append(one)
time.sleep(7200)`;

/** What monitoring itself, the stores and the server's own timers go wrong with. */
export function watching({ stack, people }: Scene): Breakage[] {
  const extra = `${stack.root}/prometheus/rules/${EXTRA}`;
  const manager = `${stack.root}/alertmanager/alertmanager.yml`;
  const reload = (service: string): Promise<string> =>
    stack.docker("kill", "--signal", "HUP", `maicivy_${service}`);
  const unit = "/run/systemd/system/fairlead-dashboards.service.d";
  let asker = "";
  return [
    {
      how: "its exporter stopped",
      alerts: [
        { alert: "RedisDown" },
        { alert: "TargetMissing", labels: { job: "redis" } },
        { alert: "ContainerDown", labels: { service: "redis-exporter" } },
      ],
      break: () => stack.docker("stop", "--time", "2", "maicivy_redis-exporter"),
      mend: () => stack.docker("start", "maicivy_redis-exporter"),
    },
    {
      how: "84 of 100 sessions of Postgres taken",
      alerts: [{ alert: "DatabaseConnectionsHigh" }],
      break: () => stack.run(["systemd-run", "--unit=bench-sessions", "python3", "-c", SESSIONS]),
      mend: () => stack.run(["systemctl", "stop", "bench-sessions"]),
    },
    {
      how: "port 443 closed for who asks",
      alerts: [{ alert: "SiteDown" }, { alert: "TlsFailing" }],
      break: async () => {
        const format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
        asker = await stack.docker("inspect", "--format", format, "maicivy_blackbox-exporter");
        await stack.run(["iptables", "-t", "raw", "-I", "PREROUTING", "-s", asker, ...DROP]);
      },
      mend: () => stack.run(["iptables", "-t", "raw", "-D", "PREROUTING", "-s", asker, ...DROP]),
    },
    {
      how: "the name server knows no such name",
      alerts: [{ alert: "NameNotFound" }],
      break: () => Promise.resolve(people.tell({ knows: false })),
      mend: () => Promise.resolve(people.tell({ knows: true })),
    },
    {
      how: "one of two receivers answers 500",
      alerts: [{ alert: "NotificationFailing", labels: { integration: "slack" } }],
      break: () => Promise.resolve(people.tell({ status: { "/slack": 500 } })),
      mend: () => Promise.resolve(people.tell({ status: { "/slack": 200 } })),
    },
    {
      how: "a rule that can't be worked out",
      alerts: [{ alert: "RuleFailing" }],
      break: async () => {
        await stack.run(["tee", extra], IMPOSSIBLE);
        await stack.run(["chmod", "0644", extra]);
        await reload("prometheus");
      },
      mend: async () => {
        await stack.run(["rm", extra]);
        await reload("prometheus");
      },
    },
    {
      how: "a file of Alertmanager broken, and read again",
      alerts: [{ alert: "ConfigNotTakenOver", labels: { job: "alertmanager" } }],
      break: async () => {
        await stack.script(`cp -p "$1" /run/bench-alertmanager.yml; echo 'nonsense: true' >>"$1"`, manager);
        await reload("alertmanager");
      },
      mend: async () => {
        await stack.run(["cp", "-p", "/run/bench-alertmanager.yml", manager]);
        await reload("alertmanager");
      },
    },
    {
      how: "a timer's unit ends with exit code 1",
      alerts: [{ alert: "TimerFailed", labels: { unit: "fairlead-dashboards" } }],
      break: () =>
        stack.script(
          `mkdir -p "$1"
          printf '[Service]\\nExecStart=\\nExecStart=/bin/false\\n' >"$1/bench.conf"
          systemctl daemon-reload`,
          unit,
        ),
      mend: () => stack.script(`rm -r "$1"; systemctl daemon-reload`, unit),
    },
    {
      how: "its figure given: due 70 minutes ago",
      alerts: [{ alert: "TimerOverdue", labels: { unit: "bench" } }],
      break: () => {
        const due = Math.floor(Date.now() / 1000) - 4200;
        const line = `fairlead_unit_next_run_timestamp_seconds{unit="bench"} ${due}\n`;
        return stack.run(["tee", `${stack.root}/metrics/bench.prom`], line);
      },
      mend: () => stack.run(["rm", `${stack.root}/metrics/bench.prom`]),
    },
  ];
}
