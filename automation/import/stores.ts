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

/** A password comes from the command, there often by a variable that the shell fills in, or from a variable of the image. */
export function oldCache(service: Service): OldCache {
  const { environment, command = [] } = service;
  const [, word = ""] = /--requirepass[ =]"?([^\s"]+)/.exec(command.join(" ")) ?? [];
  const password = word.startsWith("$") ? environment[word.replace(/[${}]/g, "")] : word;
  return {
    service,
    hosts: hostsOf(service),
    password: password || environment.REDIS_PASSWORD || environment.VALKEY_PASSWORD || undefined,
  };
}
