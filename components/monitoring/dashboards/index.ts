import { application } from "./application.ts";
import { edge } from "./edge.ts";
import { host } from "./host.ts";
import { monitoring, overview } from "./overview.ts";
import type { Dashboard, Watched } from "./panel.ts";
import { slo } from "./slo.ts";
import { cache, database } from "./stores.ts";
import { backups, canary } from "./work.ts";

export type { Dashboard, Panel, Watched } from "./panel.ts";

/** Every dashboard of a stack, the first page first. Plain data: `grafana.ts` and the server's own pages draw it. */
export function dashboards(watched: Watched): Dashboard[] {
  return [
    overview(watched),
    monitoring(watched),
    ...watched.apps.map((app) => application(watched, app)),
    ...(watched.database ? [database(watched)] : []),
    ...(watched.cache ? [cache(watched)] : []),
    edge(watched),
    host(watched),
    slo(watched),
    backups(watched),
    canary(watched),
  ];
}
