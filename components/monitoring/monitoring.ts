import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/load.ts";
import { isAcme } from "../../config/schema/certificates.ts";
import { SERVICES } from "../../config/services.ts";
import { secretValue, type SecretValue } from "../lib/secret-value.ts";
import type { Cache } from "../cache/cache.ts";
import type { Database } from "../database/database.ts";
import type { Server } from "../host/server.ts";
import type { TrafficSwitch } from "../switch/traffic-switch.ts";
import { alertmanager } from "./alertmanager.ts";
import {
  blackboxExporter,
  nodeExporter,
  postgresExporter,
  redisExporter,
  type Reached,
} from "./exporters.ts";
import { declareFailures, hasReceivers } from "./failures.ts";
import { measure } from "./measure.ts";
import { drawPages } from "./pages.ts";
import { prometheus } from "./prometheus.ts";

export { filesOfGrafana } from "./boards.ts";

/** What monitoring is made from. */
export interface MonitoringArgs {
  server: Server;
  settings: Settings;
  database?: Database;
  cache?: Cache;
  trafficSwitch: TrafficSwitch;
}

/**
 * Prometheus, Alertmanager and their exporters, and the service that measures what they can't (decision 0060).
 * Where the stack wants none, only who is told when one of the server's own timers fails.
 * @returns what is up once monitoring is
 */
export function declareMonitoring(args: MonitoringArgs): pulumi.Resource[] {
  const { server, settings: watched, database, cache, trafficSwitch } = args;
  const secret = (name: string): SecretValue => secretValue(watched.secrets, name);
  const { notifications } = watched;
  if (!watched.monitoring.enabled)
    return hasReceivers(notifications) ? [declareFailures(server, notifications, secret, trafficSwitch)] : [];
  const images = watched.infrastructure;
  const measured = measure(server, watched, trafficSwitch.runtime, trafficSwitch);
  const figures = prometheus(server, watched, images.prometheus!, measured);
  const services = [
    nodeExporter(server, images["node-exporter"]!, measured),
    ...(database && images["postgres-exporter"]
      ? [
          postgresExporter(
            server,
            database.monitor(secret(SERVICES.database.provides.password)),
            images["postgres-exporter"],
          ),
        ]
      : []),
    ...(cache && images["redis-exporter"]
      ? [
          redisExporter(
            server,
            cache.monitor(secret(SERVICES.cache.provides.password)),
            images["redis-exporter"],
          ),
        ]
      : []),
    ...(images["blackbox-exporter"]
      ? [blackboxExporter(server, watched, reached(watched), images["blackbox-exporter"])]
      : []),
    alertmanager(server, watched, secret, images.alertmanager!),
    figures,
  ];
  const pages = drawPages(server, watched, trafficSwitch.runtime, figures);
  return [measured, pages, ...services.map(({ ready }) => ready)];
}

function reached({ certificates, server }: Settings): Reached {
  const trusted = isAcme(certificates) && certificates.directory === "letsencrypt";
  return { trusted, local: server.address === undefined };
}
