import type { Service } from "./compose/service.ts";

/** What a service is for a stack; only applications are declared as such. */
export type Role = "application" | "database" | "cache" | "proxy" | "store" | "cron" | "helper";

const IMAGES: readonly [Role, RegExp][] = [
  ["database", /^(postgres|postgresql|postgis|pgvector|timescaledb(-ha)?|postgres-\w+|alpine-postgres)$/],
  ["cache", /^(redis|valkey|keydb|dragonfly|redis-stack|redis-stack-server)$/],
  [
    "proxy",
    /^(traefik|caddy|caddy-docker-proxy|nginx-proxy|nginx-proxy-manager|acme-companion|letsencrypt-nginx-proxy-companion|certbot|haproxy|swag|kamal-proxy)$/,
  ],
  [
    "store",
    /^(mysql|mysql-server|mariadb|percona|mongo|mongodb|rabbitmq|elasticsearch|opensearch|kafka|zookeeper|nats|memcached|clickhouse|clickhouse-server|cassandra|mssql|server-mssql|couchdb|influxdb|neo4j|etcd)$/,
  ],
  ["cron", /^(ofelia|chadburn|swarm-cronjob|docker-crontab)$/],
  ["helper", /^(watchtower|autoheal|docker-autoheal|docker-socket-proxy)$/],
];

/** `ghcr.io/me/shop:1.2@sha256:…` → `shop`. */
export function baseName(image: string): string {
  return image.split("@")[0]!.split("/").at(-1)!.split(":")[0]!.toLowerCase();
}

export function roleOf(service: Service): Role {
  const name = service.image === undefined || service.build ? "" : baseName(service.image);
  const found = IMAGES.find(([, pattern]) => pattern.test(name))?.[0];
  if (found) return found;
  return name === "nginx" && forwards(service) ? "proxy" : "application";
}

/** An Nginx with a configuration of its own in front of other services. */
function forwards({ mounts, dependsOn, configs }: Service): boolean {
  const own = [...mounts, ...configs].some(({ target }) => target.startsWith("/etc/nginx"));
  return own && Object.keys(dependsOn).length > 0;
}

/** Under which names others reach a service: its own, its container's, and its aliases. */
export function hostsOf(service: Service): string[] {
  const { container_name: container, hostname, networks } = service.raw;
  const aliases =
    typeof networks === "object" && networks !== null && !Array.isArray(networks)
      ? Object.values(networks).flatMap((one) =>
          typeof one === "object" && one !== null && !Array.isArray(one) && Array.isArray(one.aliases)
            ? one.aliases
            : [],
        )
      : [];
  return [service.name, container, hostname, ...aliases, ...(service.facts?.hosts ?? [])].filter(
    (one): one is string => typeof one === "string",
  );
}
