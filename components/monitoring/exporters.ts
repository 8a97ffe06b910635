import type * as pulumi from "@pulumi/pulumi";
import { HOST_FIGURES, SERVICES } from "../../config/services.ts";
import { mark } from "../service/credential.ts";
import type { SecretValue } from "../lib/secret-value.ts";
import type { Server } from "../host/server.ts";
import { Service, type ServiceArgs } from "../service/service.ts";
import { answering, EVERY } from "./answering.ts";
import { blackboxYml } from "./probes.ts";
import { NOBODY } from "./prometheus.ts";
import type { Watched } from "./watched.ts";

/** A login that sees figures and no data, and what makes it. */
export interface Login {
  user: string;
  database?: string;
  password: SecretValue;
  ready: pulumi.Resource;
}

type Exporter = "node-exporter" | "postgres-exporter" | "redis-exporter" | "blackbox-exporter";

const MEGABYTE = 1024 ** 2;

/** What all exporters have in common. */
function exporter(
  name: Exporter,
  server: Server,
  image: pulumi.Input<string>,
  memory: number,
): Omit<ServiceArgs, "command"> {
  return {
    server,
    row: SERVICES[name],
    image,
    limits: { memory: memory * MEGABYTE, cpus: 0.25, pids: 64, stop: 10 },
    user: NOBODY,
    health: answering(SERVICES[name].metricsPort, "/", EVERY),
    within: 60,
  };
}

const COLLECTORS = [
  "cpu",
  "diskstats",
  "filesystem",
  "loadavg",
  "meminfo",
  "netdev",
  "stat",
  "textfile",
  "vmstat",
];
const PSEUDO =
  "autofs|binfmt_misc|bpf|cgroup2?|configfs|debugfs|devpts|devtmpfs|fusectl|hugetlbfs|mqueue|nsfs|proc|pstore|ramfs|securityfs|squashfs|sysfs|tmpfs|tracefs";
const INNER = "^/(dev|etc/.+|proc|run|snap|sys|var/lib/docker/.+|var/lib/containers/.+)($|/)";

/** Figures of the server (M3), without its namespaces: it sees single files of /proc, and reads the sizes of disks. */
export function nodeExporter(server: Server, image: pulumi.Input<string>, folders: pulumi.Resource): Service {
  return new Service("node-exporter", {
    ...exporter("node-exporter", server, image, 48),
    command: [
      "--path.procfs=/host/proc",
      "--path.rootfs=/host/root",
      "--collector.disable-defaults",
      ...COLLECTORS.map((name) => `--collector.${name}`),
      // By netlink it would see its own network.
      "--no-collector.netdev.netlink",
      "--collector.netdev.device-exclude=^(veth|br-).*",
      `--collector.filesystem.fs-types-exclude=^(${PSEUDO})$`,
      `--collector.filesystem.mount-points-exclude=${INNER}`,
      "--collector.textfile.directory=/host/metrics",
      "--log.format=json",
      "--log.level=warn",
    ],
    mounts: [
      { source: `${server.root}/metrics`, target: "/host/metrics" },
      ...Object.entries(HOST_FIGURES).map(([source, target]) => ({ source, target })),
    ],
    dependsOn: [folders],
  });
}

/** Figures of the database (M4). */
export function postgresExporter(
  server: Server,
  { user, database, password, ready }: Login,
  image: pulumi.Input<string>,
): Service {
  const folder = `${server.root}/secrets/postgres-exporter`;
  const { alias } = SERVICES.database;
  return new Service("postgres-exporter", {
    ...exporter("postgres-exporter", server, image, 48),
    envs: [
      `DATA_SOURCE_URI=${alias}:5432/${database}?sslmode=disable`,
      `DATA_SOURCE_USER=${user}`,
      "DATA_SOURCE_PASS_FILE=/run/secrets/password",
      changes(password),
    ],
    command: [
      "--log.format=json",
      "--log.level=warn",
      "--no-collector.wal",
      "--no-collector.replication_slot",
    ],
    files: (made) => [made.writeFiles(secretFile(folder, "password", password.value))],
    mounts: [{ source: folder, target: "/run/secrets" }],
    dependsOn: [ready],
  });
}

/** Figures of the cache (M4). */
export function redisExporter(
  server: Server,
  { user, password, ready }: Login,
  image: pulumi.Input<string>,
): Service {
  const folder = `${server.root}/secrets/redis-exporter`;
  const host = `${SERVICES.cache.alias}:6379`;
  // Its key has the user, and the address has none: it takes a user in there for a password.
  const content = password.value.apply((text) => JSON.stringify({ [`redis://${user}@${host}`]: text }));
  return new Service("redis-exporter", {
    ...exporter("redis-exporter", server, image, 32),
    envs: [changes(password)],
    command: [
      `-redis.addr=redis://${host}`,
      `-redis.user=${user}`,
      "-redis.password-file=/run/secrets/passwords.json",
      // It may not ask for settings.
      "-config-command=-",
      "-log-format=json",
    ],
    files: (made) => [made.writeFiles(secretFile(folder, "passwords.json", content))],
    mounts: [{ source: folder, target: "/run/secrets" }],
    dependsOn: [ready],
  });
}

/** A program that reads its password when it starts: another one is another container. */
function changes({ fingerprint }: SecretValue): string {
  return `CONFIGURATION=${fingerprint}`;
}

function secretFile(folder: string, name: string, content: pulumi.Output<string>) {
  return {
    directories: [{ path: folder, mode: "0755", purge: true }],
    files: [{ path: `${folder}/${name}`, mode: "0444", content }],
  };
}

/** How the site is reached from the server. */
export interface Reached {
  /** Browsers trust its certificate. */
  trusted: boolean;
  /** Its name leads nowhere but to this very server: a box. */
  local: boolean;
}

/** Questions to the site through its public name. */
export function blackboxExporter(
  server: Server,
  watched: Watched,
  { trusted, local }: Reached,
  image: pulumi.Input<string>,
): Service {
  const folder = `${server.root}/blackbox-exporter`;
  const content = blackboxYml(watched, trusted);
  return new Service("blackbox-exporter", {
    ...exporter("blackbox-exporter", server, image, 48),
    envs: [`CONFIGURATION=${mark(content)}`],
    command: ["--config.file=/etc/blackbox_exporter/config.yml", "--log.format=json", "--log.level=warn"],
    hosts: local ? [{ host: watched.domain, ip: "host-gateway" }] : undefined,
    files: {
      directories: [{ path: folder, mode: "0755", purge: true }],
      files: [{ path: `${folder}/config.yml`, mode: "0644", content }],
    },
    mounts: [{ source: folder, target: "/etc/blackbox_exporter" }],
  });
}
