import { asList, asMap, asText, type Json, type JsonMap } from "./compose/json.ts";
import type { Service } from "./compose/service.ts";
import { bytes, size } from "./compose/units.ts";
import { SERVICES } from "../../config/services.ts";
import type { Homes } from "./homes.ts";
import type { Notes } from "./notes.ts";
import { nonEmpty } from "./process.ts";

const uses = (apps: JsonMap, need: string): boolean =>
  Object.values(apps).some((one) => need in asMap(one) || asList(asMap(one).needs).includes(need));

/** Settings of the stack's Postgres, from the old one's command and limits. */
export function databaseOf(
  old: readonly Service[],
  apps: JsonMap,
  system: string,
  homes: Homes,
): JsonMap | undefined {
  if (!uses(apps, "database")) return { enabled: false };
  const { command = [], raw } = old[0] ?? { raw: {} };
  const connections = /max_connections=(\d+)/.exec(command.join(" "))?.[1];
  const memory = memoryOf(raw);
  // The stack's own, which applications may share, has the system's name unless one of them took it along.
  const taken = Object.values(apps).some(
    (one) => asText(asMap(asMap(one).database).name) === identifier(system),
  );
  const home = [...homes.values()].find(({ isShared }) => isShared)?.name;
  const shared = home ?? (taken ? `${identifier(system).slice(0, 24)}_shared` : undefined);
  return nonEmpty({
    name: shared,
    owner: shared,
    memory,
    maxConnections: connections === undefined ? undefined : Number(connections),
  });
}

/** A Postgres at least as new as the old one: an older one can't read its dumps. */
export function versionsOf(old: readonly Service[], notes: Notes): JsonMap | undefined {
  const own = Number.parseInt(SERVICES.database.tags.official, 10);
  const majors = old.map((one) => ({ one, major: majorOf(one.image ?? "") }));
  for (const { one } of majors.filter(({ major }) => major === undefined))
    notes.add(
      one.name,
      `image: ${one.image ?? ""}`,
      "different",
      `It says no version. The stack's is ${own}; where the old one is newer, set versions.postgres.`,
    );
  const newest = Math.max(own, ...majors.map(({ major = own }) => major));
  return newest > own ? { postgres: `${newest}-alpine` } : undefined;
}

/** `postgres:16.3-alpine`, `postgis:16-3.4`, `pgvector:pg17`, `timescaledb:latest-pg16`. */
function majorOf(image: string): number | undefined {
  const tag = /:([^/@]+)/.exec(image.split("/").at(-1)!)?.[1] ?? "";
  const found = /(?:^|pg)(\d{1,2})(?!\d)/.exec(tag)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Settings of the stack's Redis: where something queues, nothing may be evicted. */
export function cacheOf(old: readonly Service[], apps: JsonMap): JsonMap | undefined {
  if (!uses(apps, "cache")) return { enabled: false };
  const command = (old[0]?.command ?? []).join(" ");
  const queues = Object.values(apps).some((one) => asMap(one).processes !== undefined);
  const limit = bytes(/--maxmemory (\S+)/.exec(command)?.[1]);
  const policy = /--maxmemory-policy (\S+)/.exec(command)?.[1] ?? (queues ? "noeviction" : undefined);
  return nonEmpty({ memory: limit ? size(limit) : undefined, policy });
}

function memoryOf(raw: JsonMap): Json | undefined {
  const count = bytes(
    asText(asMap(asMap(asMap(raw.deploy).resources).limits).memory) ?? asText(raw.mem_limit),
  );
  return count ? size(count) : undefined;
}

const identifier = (system: string): string => system.replaceAll("-", "_");
