import { asMap, asText, type JsonMap } from "./compose/json.ts";
import type { Target } from "./target.ts";
import { containerName, SERVICES } from "../../config/services.ts";
import type { Stores } from "./environment.ts";
import type { Group } from "./group.ts";
import type { Mounts } from "./mounts.ts";

/** How one thing that the old stack keeps comes over: what to type, in this order. */
export interface Move {
  what: string;
  commands: string[];
  note: string;
}

/** The data of the old stack, and the exact commands that bring it over: first on the old machine, then to the new server. */
export function moves(
  stores: Stores,
  apps: readonly { group: Group; mounts: Mounts }[],
  settings: JsonMap,
  target: Target,
): Move[] {
  const system = asText(settings.name) ?? "";
  const server = `ssh ${target.address === undefined ? "-p 2222 root@127.0.0.1" : `root@${target.address}`}`;
  const databases = stores.databases.map(({ service, user, name }): Move => {
    const container = containerName(system, SERVICES.database);
    // The role of an application's own database has its name.
    const into = `--role=${name} --dbname=${name}`;
    return {
      what: `Postgres ${name} of ${service.name}`,
      commands: [
        `docker compose exec -T ${service.name} pg_dump --format=custom --no-owner --no-privileges --username=${user} ${name} > ${name}.dump`,
        `${server} docker exec -i -u postgres ${container} pg_restore --no-owner --no-privileges --clean --if-exists --exit-on-error ${into} < ${name}.dump`,
      ],
      note: "Stop the old applications before the dump. Once the new stack is up and has made the database, restore, and release once more.",
    };
  });
  const caches = stores.caches.map(({ service, password }): Move => {
    const login = password === undefined ? "" : " -e REDISCLI_AUTH=PASSWORD";
    const cli = `docker compose exec -T${login} ${service.name} redis-cli`;
    return {
      what: `Redis of ${service.name}`,
      commands: [
        `${cli} config set aof-use-rdb-preamble no`,
        `${cli} config set appendonly yes`,
        `${cli} info persistence | grep aof_rewrite_in_progress:0`,
        `docker compose exec -T ${service.name} sh -c 'cat /data/appendonlydir/*.base.* /data/appendonlydir/*.incr.* 2>/dev/null || cat /data/appendonly.aof' > ${service.name}.aof`,
        // The password is the first line of what travels, so that no list of processes shows it.
        `(npx pulumi config get REDIS_PASSWORD --stack ${target.stack}; cat ${service.name}.aof) | ${server} "docker exec -i ${containerName(system, SERVICES.cache)} sh -c 'read -r REDISCLI_AUTH; export REDISCLI_AUTH; exec redis-cli --pipe'"`,
      ],
      note: "Only where it holds more than a cache: let the queues run empty instead, if you can. Wait until the third command prints its line.",
    };
  });
  const volumes = apps.flatMap(({ group, mounts }) =>
    mounts.origins
      .filter(({ volume }) => volume in volumesOf(settings, group.name))
      .map(({ volume, from, isFolder }): Move => {
        const source = isFolder ? from : "/from";
        const read = isFolder
          ? `tar -C ${source} -cf - .`
          : `docker run --rm -v ${oldVolume(from, settings)}:/from:ro alpine tar -C /from -cf - .`;
        return {
          what: `Volume ${volume} of ${group.name}`,
          commands: [
            `${read} | ${server} tar -C /var/lib/docker/volumes/${newVolume(system, group.name, volume)}/_data -xpf -`,
          ],
          note: "After the first npm run up has made the volume. Numbers of owners stay as they were.",
        };
      }),
  );
  return [...databases, ...caches, ...volumes];
}

const volumesOf = (settings: JsonMap, app: string): JsonMap =>
  asMap(asMap(asMap(settings.apps)[app]).volumes);

/** Compose puts the project's name in front of a volume's. */
const oldVolume = (name: string, settings: JsonMap): string => `${asText(settings.name) ?? ""}_${name}`;

const newVolume = (system: string, app: string, volume: string): string => `${system}_${app}_${volume}`;
