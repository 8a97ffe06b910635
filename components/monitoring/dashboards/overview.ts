import { dashboard } from "./common.ts";
import { certificate } from "./edge.ts";
import { cpu, disk, folders, memory } from "./host.ts";
import type { Dashboard, Watched } from "./panel.ts";
import * as requests from "./requests.ts";
import { firing, availability, budget } from "./slo.ts";
import { connections, redisMemory, tuplesFetched } from "./stores.ts";

/** The union of what the requirements ask of the first page (M24, M25, M26). */
export const overview = (watched: Watched): Dashboard =>
  dashboard(watched, "overview", {
    title: "Production Overview",
    description: "What a person looks at first.",
    refresh: 5,
    sections: [
      {
        title: "Now",
        panels: [
          requests.visitors(),
          requests.appsUp(),
          requests.errorShare(),
          firing(),
          availability(),
          certificate(),
        ],
      },
      { title: "Requests", panels: [requests.requestRate(), requests.responseTime(), requests.errors()] },
      {
        title: "Stores",
        panels: [
          ...(watched.database ? [connections()] : []),
          ...(watched.cache ? [redisMemory()] : []),
          folders(),
        ],
      },
      { title: "Server", panels: [cpu(), memory(), disk()] },
    ],
  });

/** `ECOSYSTE Monitoring` (M28), and the same panels with those of M29 for any stack, by its own name. */
export const monitoring = (watched: Watched): Dashboard => ({
  ...dashboard(watched, "monitoring", {
    title: "Monitoring",
    description: "Requests by method and status, response times, errors, and the database.",
    sections: [
      {
        title: "Requests",
        panels: [
          requests.requestsByStatus(),
          requests.latency(),
          requests.requestRate(),
          requests.responseTime(),
          requests.errors(),
        ],
      },
      ...(watched.database
        ? [{ title: "Database", panels: [tuplesFetched(), { ...connections(), width: 12 }] }]
        : []),
      { title: "Objectives", panels: [budget()] },
    ],
  }),
  title: `${watched.name.toUpperCase()} Monitoring`,
});
