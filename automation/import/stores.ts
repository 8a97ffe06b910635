import { hostsOf, baseName } from "./roles.ts";
import type { Service } from "./compose/service.ts";

/** A Postgres of the old stack: how applications reached it. */
export interface OldDatabase {
  service: Service;
  hosts: string[];
  user: string;
  password?: string;
  name: string;
  extensions: string[];
}

export interface OldCache {
  service: Service;
  hosts: string[];
  password?: string;
}

/** What the official image and Bitnami's call the same settings. */
export function oldDatabase(service: Service): OldDatabase {
  const { environment } = service;
  const user = environment.POSTGRES_USER || environment.POSTGRESQL_USERNAME || "postgres";
  return {
    service,
    hosts: hostsOf(service),
    user,
    password: environment.POSTGRES_PASSWORD || environment.POSTGRESQL_PASSWORD || undefined,
    name: environment.POSTGRES_DB || environment.POSTGRESQL_DATABASE || user,
    extensions: extensionsOf(service.image ?? ""),
  };
}

function extensionsOf(image: string): string[] {
  const known: Record<string, string> = {
    postgis: "postgis",
    pgvector: "vector",
    timescaledb: "timescaledb",
  };
  return Object.entries(known).flatMap(([name, extension]) =>
    baseName(image).startsWith(name) ? [extension] : [],
  );
}

/** A password comes from the command, or from the variable of the image. */
export function oldCache(service: Service): OldCache {
  const command = service.command ?? [];
  const at = command.indexOf("--requirepass");
  const password = at < 0 ? undefined : command[at + 1];
  return {
    service,
    hosts: hostsOf(service),
    password:
      password || service.environment.REDIS_PASSWORD || service.environment.VALKEY_PASSWORD || undefined,
  };
}
