/** Where infrastructure images come from: their publishers, or ours made of Debian's packages. */
export const IMAGE_SETS = ["official", "debian"] as const;
export type ImageSet = (typeof IMAGE_SETS)[number];

/** A container of the infrastructure: what everything outside its own component needs to know about it. */
export interface ServiceRow {
  /** What a person calls it, in the middle of a sentence. */
  title: string;
  /** Repository of our image, and its key under `versions`; also that of the official one, unless it has another. */
  image: string;
  /** Repository of the official image. */
  official?: string;
  /** Exact default tag in each set of images. */
  tags: Readonly<Record<ImageSet, string>>;
  /** What the reference says about its version, such as the requirement that names it. */
  versionNote: string;
  /** Its container is `<system>_<container>`; its lines in the logs carry this as `service`. */
  container: string;
  /** Name on the private network; absent for one in the server's own network. */
  alias?: string;
  /** What an application gets that lists the service under `needs`. */
  provides?: {
    /** Environment variable of the application. */
    variable: string;
    /** Secret of the stack; set-up makes it when it is not set. */
    password: string;
  };
  /** Whether these settings need it; absent for one that every stack runs. */
  neededBy?: (settings: Switches) => boolean;
  /** It came after stacks that have an application of its name: where the stack doesn't run it, that stays free. */
  reservedWhereNeeded?: boolean;
  /** Port with metrics in Prometheus's format, on {@link alias} or on the server's loopback. */
  metricsPort?: number;
  /** Whether it writes its log as JSON, one object per line. */
  logsJson: boolean;
  /** Where it differs on purpose from what the audit asks of a container. */
  auditExceptions?: readonly AuditException[];
}

/** A check of the audit that a container answers in another way, and why. */
export interface AuditException {
  /** Id of the check, such as `docker.5.10`. */
  check: string;
  /** What may be found, each as the check names it: a port, a network; anything else is still wrong. */
  allowed: readonly string[];
  /** The reason, for the report. */
  why: string;
}

/** The settings that decide which services a stack runs. */
export interface Switches {
  database: { enabled: boolean };
  cache: { enabled: boolean };
  monitoring: {
    enabled: boolean;
    exporters: { database: boolean; cache: boolean };
    probes: { enabled: boolean };
  };
}

/** The same for every container of a stack, those of the applications included. */
export const AUDIT_EXCEPTIONS: readonly AuditException[] = [
  {
    check: "docker.5.15",
    allowed: ["unless-stopped"],
    why: "restart policy unless-stopped is required (H22); containers.restarts finds a crash loop",
  },
];

const EDGE_PORTS = ["80/tcp", "443/tcp"];

/**
 * What the exporter of the server's figures sees of the server: file or folder → place in the container. Of /proc it needs a
 * few files, and the network's from the first process: those of its own would show its own network.
 */
export const HOST_FIGURES: Readonly<Record<string, string>> = {
  "/": "/host/root",
  "/proc/1/mountinfo": "/host/proc/1/mountinfo",
  "/proc/1/net": "/host/proc/net",
  "/proc/diskstats": "/host/proc/diskstats",
  "/proc/loadavg": "/host/proc/loadavg",
  "/proc/meminfo": "/host/proc/meminfo",
  "/proc/stat": "/host/proc/stat",
  "/proc/vmstat": "/host/proc/vmstat",
};

const monitored = ({ monitoring }: Switches): boolean => monitoring.enabled;

/**
 * Every service of the infrastructure, by the name of its component in the stack.
 *
 * Official tags follow the requirements' majors (D1, C1, E1): the last ones in Docker's list of official images on
 * 2026-08-22 (github.com/docker-library/official-images, 37079fb). Our own images carry the version that Debian ships
 * (bookworm: Postgres 15, Redis 7.0; trixie: HAProxy 3.0, Nginx 1.26). Those of monitoring are the official releases of what
 * trixie ships.
 */
export const SERVICES = {
  database: {
    title: "the database",
    image: "postgres",
    tags: { official: "15.19-alpine", debian: "15" },
    versionNote: "Tag of Postgres (D1)",
    container: "postgres",
    alias: "postgres",
    provides: { variable: "DATABASE_URL", password: "POSTGRES_PASSWORD" },
    neededBy: ({ database }) => database.enabled,
    logsJson: false,
  },
  cache: {
    title: "the cache",
    image: "redis",
    tags: { official: "7.4.11-alpine", debian: "7.0" },
    versionNote: "Tag of Redis (C1)",
    container: "redis",
    alias: "redis",
    provides: { variable: "REDIS_URL", password: "REDIS_PASSWORD" },
    neededBy: ({ cache }) => cache.enabled,
    logsJson: false,
  },
  switch: {
    title: "HAProxy",
    image: "haproxy",
    tags: { official: "3.0.26-alpine", debian: "3.0" },
    versionNote: "Tag of HAProxy",
    container: "switch",
    alias: "switch",
    metricsPort: 8404,
    logsJson: false,
  },
  edge: {
    title: "Nginx",
    image: "nginx",
    tags: { official: "1.30.4-alpine", debian: "1.26" },
    versionNote: "Tag of Nginx (E1)",
    container: "nginx",
    logsJson: true,
    auditExceptions: [
      {
        check: "docker.5.8",
        allowed: EDGE_PORTS,
        why: "the edge answers on 80 and 443: browsers ask there",
      },
      {
        check: "docker.5.9",
        allowed: EDGE_PORTS,
        why: "the edge publishes the ports of the site",
      },
      {
        check: "docker.5.10",
        allowed: ["host"],
        why: "the edge sees the address of every visitor there, over IPv6 too; it has no more capabilities for it, and its status is on the loopback (decision 0021)",
      },
      {
        check: "docker.5.14",
        allowed: EDGE_PORTS,
        why: "the edge answers on every address of the server (H9)",
      },
    ],
  },
  prometheus: {
    title: "Prometheus",
    image: "prometheus",
    official: "prom/prometheus",
    tags: { official: "v2.53.5", debian: "2.53" },
    versionNote: "Tag of Prometheus (M1)",
    container: "prometheus",
    alias: "prometheus",
    reservedWhereNeeded: true,
    neededBy: monitored,
    metricsPort: 9090,
    logsJson: true,
  },
  alertmanager: {
    title: "Alertmanager",
    image: "alertmanager",
    official: "prom/alertmanager",
    tags: { official: "v0.28.1", debian: "0.28" },
    versionNote: "Tag of Alertmanager (M6)",
    container: "alertmanager",
    alias: "alertmanager",
    reservedWhereNeeded: true,
    neededBy: monitored,
    metricsPort: 9093,
    logsJson: true,
  },
  "node-exporter": {
    title: "the exporter of the server's figures",
    image: "node-exporter",
    official: "prom/node-exporter",
    tags: { official: "v1.9.1", debian: "1.9" },
    versionNote: "Tag of node_exporter (M3)",
    container: "node-exporter",
    alias: "node-exporter",
    reservedWhereNeeded: true,
    neededBy: monitored,
    metricsPort: 9100,
    logsJson: true,
    auditExceptions: [
      {
        check: "docker.5.6",
        allowed: Object.keys(HOST_FIGURES),
        why: "it reads the server's own figures there, and can write nowhere; it runs as nobody, without capabilities (decision 0060)",
      },
    ],
  },
  "postgres-exporter": {
    title: "the exporter of the database's figures",
    image: "postgres-exporter",
    official: "prometheuscommunity/postgres-exporter",
    tags: { official: "v0.17.1", debian: "0.17" },
    versionNote: "Tag of postgres_exporter (M4)",
    container: "postgres-exporter",
    alias: "postgres-exporter",
    reservedWhereNeeded: true,
    neededBy: ({ monitoring, database }) =>
      monitoring.enabled && monitoring.exporters.database && database.enabled,
    metricsPort: 9187,
    logsJson: true,
  },
  "redis-exporter": {
    title: "the exporter of the cache's figures",
    image: "redis-exporter",
    official: "oliver006/redis_exporter",
    tags: { official: "v1.69.0-alpine", debian: "1.69" },
    versionNote: "Tag of redis_exporter (M4)",
    container: "redis-exporter",
    alias: "redis-exporter",
    reservedWhereNeeded: true,
    neededBy: ({ monitoring, cache }) => monitoring.enabled && monitoring.exporters.cache && cache.enabled,
    metricsPort: 9121,
    logsJson: true,
  },
  "blackbox-exporter": {
    title: "the exporter that asks the site",
    image: "blackbox-exporter",
    official: "prom/blackbox-exporter",
    tags: { official: "v0.26.0", debian: "0.26" },
    versionNote: "Tag of blackbox_exporter",
    container: "blackbox-exporter",
    alias: "blackbox-exporter",
    reservedWhereNeeded: true,
    neededBy: ({ monitoring }) => monitoring.enabled && monitoring.probes.enabled,
    metricsPort: 9115,
    logsJson: true,
  },
} as const satisfies Readonly<Record<string, ServiceRow>>;

type Rows = typeof SERVICES;

/** Name of a service: of its row, and of its component in the stack. */
export type ServiceName = keyof Rows;

/** Repository of an infrastructure image. */
export type InfrastructureImage = Rows[ServiceName]["image"];

/** Services that a stack can do without. */
export type OptionalService = {
  [Name in ServiceName]: Rows[Name] extends { neededBy: unknown } ? Name : never;
}[ServiceName];

/** Services that an application can list under `needs`. */
export type Provider = {
  [Name in ServiceName]: Rows[Name] extends { provides: unknown } ? Name : never;
}[ServiceName];

/** Names of all services, in the order of the table. */
export const SERVICE_NAMES = Object.keys(SERVICES) as ServiceName[];

/** Repositories of the infrastructure images, in the order of the table. */
export const INFRASTRUCTURE_IMAGES = SERVICE_NAMES.map((name) => SERVICES[name].image);

/** Names of the services that give applications something. */
export const PROVIDERS = SERVICE_NAMES.filter((name): name is Provider => "provides" in SERVICES[name]);

/** Whether an application's need is one of these services; else it is another application. */
export function isProvider(need: string): need is Provider {
  return (PROVIDERS as readonly string[]).includes(need);
}

/** A row with all its fields, including those that it leaves out. */
export function serviceRow(name: ServiceName): ServiceRow {
  return SERVICES[name];
}

/** The services that a stack with these settings runs. */
export function neededServices(settings: Switches): ServiceName[] {
  return SERVICE_NAMES.filter((name) => serviceRow(name).neededBy?.(settings) ?? true);
}

/** Name of a service's container on the engine. */
export function containerName(system: string, { container }: Pick<ServiceRow, "container">): string {
  return `${system}_${container}`;
}
