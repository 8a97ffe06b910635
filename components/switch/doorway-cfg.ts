import { applicationPorts, DOORWAY_HEALTH } from "../../config/ports.ts";
import type { App } from "../../config/schema/app/index.ts";
import type { Edge, TrafficSwitch } from "../../config/schema/edge.ts";
import { toWholeTime } from "../../config/units.ts";
import { workersFor } from "../service/workers.ts";
import { asset } from "../lib/assets.ts";
import { fill } from "../lib/fill.ts";

/** What the doorway is made from. */
export interface DoorwaySettings {
  apps: Readonly<Record<string, Pick<App, "ports">>>;
  /** What passes the doorway passes the switch: the same limits. */
  settings: TrafficSwitch;
  edge: Pick<Edge, "websocketTimeout">;
}

/** `haproxy.cfg` of the doorway: the switch has a socket for each port (assets/host/fairlead/lib/port.cfg). */
export function doorwayCfg({ apps, settings, edge }: DoorwaySettings): string {
  const ports = applicationPorts(apps)
    .filter(({ declared }) => declared.protocol === "tcp")
    .map(({ app, declared: { port } }) =>
      fill(asset("switch/doorway-port.cfg"), { name: `_${app}_${port}`, port }),
    );
  return fill(asset("switch/doorway.cfg"), {
    maxConnections: settings.maxConnections,
    threads: workersFor(settings.cpus),
    hardStopAfter: toWholeTime(settings.hardStopAfter),
    oldProcesses: settings.oldProcesses,
    idle: toWholeTime(edge.websocketTimeout),
    healthPort: DOORWAY_HEALTH,
    ports: ports.join("\n"),
  });
}
