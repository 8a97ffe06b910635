import { containerName, SERVICES } from "../../config/services.ts";
import { asMap, asText, type JsonMap } from "./compose/json.ts";
import type { Stores } from "./environment.ts";
import type { Group } from "./group.ts";
import type { Homes } from "./homes.ts";
import type { Mounts } from "./mounts.ts";
import { quoted, type Old } from "./old.ts";
import type { OldCache, OldDatabase } from "./stores.ts";
import type { Target } from "./target.ts";

/** How one thing that the old stack keeps comes over: what to type, in this order. */
export interface Move {
  what: string;
  commands: string[];
  note: string;
}

interface Way {
  old: Old;
  system: string;
  stack: string;
  /** How the new server is reached. */
  server: string;
}

/** The data of the old stack, and the exact commands that bring it over to the new server. */
export function moves(
  stores: Stores,
  apps: readonly { group: Group; mounts: Mounts }[],
  settings: JsonMap,
  { stack, address }: Target,
  old: Old,
  homes: Homes,
): Move[] {
  const identity = `.fairlead/${stack}/ssh`;
  const server =
    address === undefined
      ? `ssh -p 2222 -i ${identity}/identity -o UserKnownHostsFile=${identity}/known_hosts root@127.0.0.1`
      : `ssh root@${address}`;
  const way: Way = { old, system: asText(settings.name) ?? "", stack, server };
  const volumes = apps.flatMap(({ group: { name }, mounts }) =>
    mounts.origins
      .filter(({ volume }) => volume in asMap(asMap(asMap(settings.apps)[name]).volumes))
      .map((origin) => volumeMove(name, origin, way)),
  );
  return [
    ...stores.databases.map((one) => databaseMove(one, homes.get(one)?.name ?? one.name, way)),
    ...stores.caches.map((one) => cacheMove(one, way)),
    ...volumes,
  ];
}

function databaseMove(
  { service, user, name }: OldDatabase,
  into: string,
  { old, system, server }: Way,
): Move {
  const container = containerName(system, SERVICES.database);
  const dump = `pg_dump --format=custom --no-owner --no-privileges --username=${user} ${name}`;
  // A database and the role that owns it have one name; a dump that fails on its way changes nothing.
  const restore = `pg_restore --no-owner --no-privileges --clean --if-exists --single-transaction --role=${into} --dbname=${into}`;
  return {
    what: `Postgres ${name} of ${service.name}`,
    commands: [
      `${old.inside(service.name, dump)} > ${name}.dump`,
      `${server} docker exec -i -u postgres ${container} ${restore} < ${name}.dump`,
    ],
    note: "Stop the old applications before the dump. Restore once the new stack is up, which makes the database, and then release again (npm run up).",
  };
}

function cacheMove({ service, password }: OldCache, { old, system, stack, server }: Way): Move {
  const login = password === undefined ? [] : ["REDISCLI_AUTH=PASSWORD"];
  const cli = (command: string): string => old.inside(service.name, `redis-cli ${command}`, login);
  const container = containerName(system, SERVICES.cache);
  // The password is the first line of what travels, so that no list of processes shows it.
  const load = `docker exec -i ${container} sh -c 'read -r REDISCLI_AUTH; export REDISCLI_AUTH; exec redis-cli --pipe'`;
  return {
    what: `Redis of ${service.name}`,
    commands: [
      cli("config set aof-use-rdb-preamble no"),
      cli("config set appendonly yes"),
      `${cli("info persistence")} | grep -A1 aof_rewrite_in_progress:0 | grep aof_rewrite_scheduled:0`,
      `${old.inside(service.name, "sh -c 'cat /data/appendonlydir/*.base.* /data/appendonlydir/*.incr.* 2>/dev/null || cat /data/appendonly.aof'")} > ${service.name}.aof`,
      `(npx pulumi config get REDIS_PASSWORD --stack ${stack}; cat ${service.name}.aof) | ${server} ${quoted(load)}`,
    ],
    note: "Only where it holds more than a cache: let the queues run empty instead, if you can. Wait until the third command prints its line.",
  };
}

function volumeMove(
  app: string,
  { volume, service, path }: Mounts["origins"][number],
  { old, system, server }: Way,
): Move {
  const place = `/var/lib/docker/volumes/${system}_${app}_${volume}/_data`;
  return {
    what: `Volume ${volume} of ${app}`,
    // Users have other numbers on another machine: the numbers count, not the names.
    commands: [
      `${old.folder(service, path)} > ${app}-${volume}.tar`,
      `${server} tar --numeric-owner -C ${place} -xpf - < ${app}-${volume}.tar`,
    ],
    note: "After the first npm run up has made the volume. Stop the old application before, and keep its container. Numbers of owners stay as they were.",
  };
}
