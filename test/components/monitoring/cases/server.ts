import type { Case } from "./index.ts";
import { counter, gauge, moments, type Phases, type Series } from "../series.ts";

const PHASES: Phases = [40, 60, 80];
const [BAD, AFTER] = [40 * 30, 100 * 30];
const MINUTE = 60;
const GIGABYTE = 1024 ** 3;

const DISK = 'job="node",mountpoint="/",device="/dev/vda1",fstype="ext4"';
const DISK_LABELS = { job: "node", mountpoint: "/", device: "/dev/vda1", fstype: "ext4" };

const down = (
  alert: string,
  series: string,
  labels: Record<string, string> = {},
  seconds = MINUTE,
): Case => ({
  alert,
  series: [gauge(series, PHASES, 1, 0)],
  labels,
  quiet: BAD - 30,
  early: BAD + seconds - 30,
  fires: BAD + seconds,
  figure: "0",
  resolved: AFTER + 30,
});

/** Disk, memory, processors, stores, and what stands before the applications. */
export const serverCases: readonly Case[] = [
  {
    alert: "DiskSpaceLow",
    series: [
      gauge(`node_filesystem_avail_bytes{${DISK}}`, PHASES, 50 * GIGABYTE, 5 * GIGABYTE),
      gauge(`node_filesystem_size_bytes{${DISK}}`, PHASES, 100 * GIGABYTE, 100 * GIGABYTE),
    ],
    labels: DISK_LABELS,
    quiet: BAD - 30,
    early: BAD + 4 * MINUTE + 30,
    fires: BAD + 5 * MINUTE,
    figure: "95%",
    resolved: AFTER + 30,
  },
  {
    alert: "DiskFullSoon",
    step: 300,
    // It loses 2 GB an hour for 12 hours, then none.
    series: [
      {
        series: `node_filesystem_avail_bytes{${DISK}}`,
        values: falling(48, 2 / 12, 96),
      },
      gauge(`node_filesystem_size_bytes{${DISK}}`, [96, 144, 120], 100, 100),
    ],
    labels: DISK_LABELS,
    quiet: 95 * 300,
    early: 96 * 300,
    fires: 200 * 300,
    figure: "-17.5",
    resolved: 350 * 300,
  },
  {
    alert: "InodesLow",
    series: [
      gauge(`node_filesystem_files_free{${DISK}}`, PHASES, 900, 50),
      gauge(`node_filesystem_files{${DISK}}`, PHASES, 1000, 1000),
    ],
    labels: DISK_LABELS,
    quiet: BAD - 30,
    early: BAD + 4 * MINUTE + 30,
    fires: BAD + 5 * MINUTE,
    figure: "5%",
    resolved: AFTER + 30,
  },
  {
    alert: "FolderGrowing",
    step: 300,
    series: [
      counter(
        'fairlead_folder_bytes{job="server",folder="logs"}',
        [80, 100, 100],
        0,
        (20 * GIGABYTE) / 86400,
        0,
        300,
      ),
      gauge(`node_filesystem_size_bytes{${DISK}}`, [80, 100, 100], 100 * GIGABYTE, 100 * GIGABYTE),
    ],
    labels: { job: "server", folder: "logs" },
    quiet: 79 * 300,
    early: 90 * 300,
    fires: 170 * 300,
    figure: "20Gi",
    resolved: 270 * 300,
  },
  {
    alert: "HighMemoryUsage",
    series: [
      gauge('node_memory_MemAvailable_bytes{job="node",instance="n"}', PHASES, 1000, 50),
      gauge('node_memory_MemTotal_bytes{job="node",instance="n"}', PHASES, 2000, 2000),
    ],
    labels: { job: "node", instance: "n" },
    quiet: BAD - 30,
    early: BAD + 4 * MINUTE + 30,
    fires: BAD + 5 * MINUTE,
    figure: "97.5%",
    resolved: AFTER + 30,
  },
  {
    alert: "HighCPUUsage",
    series: ["0", "1"].map((cpu) =>
      counter(`node_cpu_seconds_total{job="node",cpu="${cpu}",mode="idle"}`, PHASES, 0.9, 0.05),
    ),
    quiet: BAD - 30,
    early: BAD + 5 * MINUTE,
    fires: BAD + 11 * MINUTE,
    figure: "95%",
    resolved: AFTER + 5 * MINUTE,
  },
  {
    alert: "RebootWaiting",
    step: 300,
    series: [gauge('fairlead_reboot_waiting{job="server"}', [20, 160, 20], 0, 1)],
    labels: { job: "server" },
    quiet: 19 * 300,
    early: 20 * 300 + 43_200 - 300,
    fires: 20 * 300 + 43_200,
    figure: "1",
    resolved: 181 * 300,
  },
  down("PostgresDown", 'pg_up{job="postgres",instance="postgres-exporter:9187"}'),
  down("PostgresDown", 'up{job="postgres",instance="postgres-exporter:9187"}'),
  down("RedisDown", 'redis_up{job="redis",instance="redis-exporter:9121"}'),
  down("RedisDown", 'up{job="redis",instance="redis-exporter:9121"}'),
  {
    alert: "DatabaseConnectionsHigh",
    series: [
      gauge('pg_stat_database_numbackends{job="postgres",datname="a"}', PHASES, 10, 80),
      gauge('pg_stat_database_numbackends{job="postgres",datname="b"}', PHASES, 5, 5),
      gauge('pg_settings_max_connections{job="postgres"}', PHASES, 100, 100),
    ],
    quiet: BAD - 30,
    early: BAD + 4 * MINUTE + 30,
    fires: BAD + 5 * MINUTE,
    figure: "85%",
    resolved: AFTER + 30,
  },
  down("SiteDown", 'probe_success{job="blackbox-http",instance="https://shop.test/"}', {
    job: "blackbox-http",
    instance: "https://shop.test/",
  }),
  {
    ...down("TlsFailing", 'probe_success{job="blackbox-tls",instance="shop.test:443"}', {
      job: "blackbox-tls",
      instance: "shop.test:443",
    }),
    early: BAD + 4 * MINUTE + 30,
    fires: BAD + 5 * MINUTE,
  },
  {
    ...down("NameNotFound", 'probe_success{job="blackbox-dns",instance="9.9.9.9"}', {
      job: "blackbox-dns",
      instance: "9.9.9.9",
    }),
    early: BAD + 9 * MINUTE + 30,
    fires: BAD + 10 * MINUTE,
  },
  down("EdgeDown", 'nginx_up{job="nginx",instance="n"}', {}, 30),
  down("SwitchDown", 'up{job="haproxy",instance="switch:8404"}', {}, 30),
  certificate("warning", 0.2, "20%"),
  certificate("critical", 0.05, "5%"),
];

/** Gigabytes on a disk of 100: full of room, then losing so many each step, then still; for {@link Case.step} of 5 minutes. */
function falling(from: number, each: number, well: number): string {
  const values = [
    ...Array.from({ length: well }, () => from),
    ...Array.from({ length: 144 }, (_, index) => from - each * (index + 1)),
    ...Array.from({ length: 120 }, () => from - each * 144),
  ];
  return values.map((value) => value.toFixed(4)).join(" ");
}

/** A new server whose disk fills by what it pulls: nobody knows yet how that goes on. */
export const YOUNG: { series: Series[]; step: number; at: number } = {
  series: [
    { series: `node_filesystem_avail_bytes{${DISK}}`, values: falling(48, 0.5, 0) },
    gauge(`node_filesystem_size_bytes{${DISK}}`, [0, 144, 120], 100, 100),
  ],
  step: 300,
  at: 2.9 * 3600,
};

/** A certificate of 100 days of which so much is left, until it is renewed. */
function certificate(severity: string, left: number, figure: string): Case {
  const life = 100 * 86_400;
  const [phases, day]: [Phases, number] = [[10, 30, 10], 86_400];
  const ends = (share: number) => (now: number) => now + life * share;
  const begins = (share: number) => (now: number) => now - life * (1 - share);
  return {
    alert: "CertificateExpiring",
    rule: { severity },
    step: 300,
    series: [
      moments(
        'fairlead_certificate_not_after_timestamp_seconds{job="server"}',
        phases,
        [ends(0.9), ends(left), ends(0.9)],
        300,
      ),
      moments(
        'fairlead_certificate_not_before_timestamp_seconds{job="server"}',
        phases,
        [begins(0.9), begins(left), begins(0.9)],
        300,
      ),
    ],
    labels: { job: "server" },
    quiet: 9 * 300,
    early: 10 * 300 + 3300,
    fires: Math.min(10 * 300 + 3600, day),
    figure,
    resolved: 41 * 300,
  };
}
