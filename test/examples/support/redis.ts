import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Daemon } from "./daemon.ts";
import { freePort, isOpen } from "./port.ts";

export const REDIS_PASSWORD = "redis-Geheim+nis/43";

/** A throwaway Redis server on loopback. */
export interface RedisServer {
  url: string;
  daemon: Daemon;
  remove: () => Promise<void>;
}

const file = (process.env.PATH ?? "")
  .split(":")
  .concat("/usr/bin")
  .map((folder) => join(folder, "redis-server"))
  .find((path) => existsSync(path));

/** Why Redis can't be started here; nothing when it can. */
export function redisMissing(): string | undefined {
  return file ? undefined : "no redis-server: apt-get install redis-server";
}

export async function startRedis(): Promise<RedisServer> {
  const data = mkdtempSync(join(tmpdir(), "app-redis-"));
  const port = await freePort();
  const input = [
    "bind 127.0.0.1",
    `port ${port}`,
    `requirepass ${REDIS_PASSWORD}`,
    `dir ${data}`,
    'save ""',
    "appendonly yes",
  ].join("\n");
  const daemon = new Daemon({ file: file ?? "redis-server", args: ["-"], input }, () => isOpen(port));
  await daemon.start();
  return {
    url: `redis://:${encodeURIComponent(REDIS_PASSWORD)}@127.0.0.1:${port}/0`,
    daemon,
    remove: async () => {
      await daemon.stop("SIGKILL");
      rmSync(data, { recursive: true, force: true });
    },
  };
}
