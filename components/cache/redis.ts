import type * as pulumi from "@pulumi/pulumi";
import type { Cache as Settings } from "../../config/schema/data.ts";
import type { ServiceRow } from "../../config/services.ts";
import type { Server } from "../host/server.ts";
import type { SecretValue } from "../lib/secret-value.ts";
import { mark } from "../service/credential.ts";
import type { Service, ServiceArgs, ServiceFiles } from "../service/service.ts";
import { redisConf } from "./redis-conf.ts";

/** What a Redis is made from. */
export interface RedisArgs {
  server: Server;
  settings: Pick<Settings, "memory" | "policy" | "cpus">;
  /** Image by digest. */
  image: pulumi.Input<string>;
  /** Of the user {@link SHARED}. */
  password: SecretValue;
}

/** Where it is: its row in the table of services, its folder on the server, its data. */
export interface RedisPlace extends Pick<ServiceArgs, "row" | "volume"> {
  row: ServiceRow;
  folder: string;
  /** With other settings it is another container; else it keeps what it was started with until it starts again. */
  restarts?: boolean;
}

export const PORT = 6379;

/** The user that all share who have none of their own. */
export const SHARED = "default";

/** A container with Redis, its configuration and its users. */
export function redis(
  { server, settings, image, password }: RedisArgs,
  { row, folder, volume, restarts = false }: RedisPlace,
): ServiceArgs {
  return {
    server,
    row,
    image,
    limits: { memory: settings.memory * 1.5, cpus: settings.cpus, pids: 128, stop: 30 },
    user: "redis",
    command: ["redis-server", "/usr/local/etc/redis/redis.conf"],
    envs: restarts ? [`CONFIGURATION=${mark(redisConf(settings))}`] : undefined,
    files: (service) => prepare(service, folder, settings, password),
    mounts: [{ source: `${folder}/conf`, target: "/usr/local/etc/redis" }],
    volume,
    health: { test: ["CMD-SHELL", PING], interval: 10, timeout: 5, retries: 5 },
    within: 60,
  };
}

/** The configuration, then the password: Redis doesn't start without its ACL file. Each password is a resource of its own. */
function prepare(
  service: Service,
  folder: string,
  settings: RedisArgs["settings"],
  { fingerprint, value }: SecretValue,
): pulumi.Resource[] {
  const files = service.writeFiles(configuration(folder, settings));
  const input = { directory: folder, container: service.containerName, fingerprint, password: value };
  return [files, service.call(`password-${fingerprint}`, "cache-password", input, files)];
}

function configuration(folder: string, settings: RedisArgs["settings"]): ServiceFiles {
  return {
    directories: [
      { path: folder, mode: "0711", purge: true },
      { path: `${folder}/conf`, mode: "0755" },
    ],
    files: [{ path: `${folder}/conf/redis.conf`, mode: "0644", content: redisConf(settings) }],
  };
}

/** A user that may do nothing but PING (C7): the check authenticates, writes nothing and knows no password. */
const PING = "redis-cli --no-auth-warning --user health --pass health ping | grep -q PONG";
