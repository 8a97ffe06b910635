import { hasTraffic, portsOf } from "./ports.ts";
import type { StackConfig } from "./schema/index.ts";
import { SERVICES, type ServiceRow } from "./services.ts";

/** An application that is called inside the private network. */
export interface Called {
  name: string;
  /** Where it answers HTTP. */
  port?: number;
  /** Its TCP ports: those of the container, on which it is called here, and those of the server. */
  ports: { to: number; port: number }[];
}

/**
 * Applications that are called inside the private network, sorted: those with a port, or TCP ports, that stand under another
 * one's `needs`, or have workers or jobs of their own.
 */
export function calledInside(apps: StackConfig["apps"]): Called[] {
  const needed = new Set(Object.values(apps).flatMap(({ needs }) => needs));
  return Object.entries(apps)
    .filter(
      ([name, app]) =>
        hasTraffic(app) && (needed.has(name) || Object.keys({ ...app.processes, ...app.jobs }).length > 0),
    )
    .map(([name, app]) => ({ name, port: app.port, ports: portsInside(app) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Each port of the container once: two of the server may lead to it, and HTTP may be spoken there too. */
function portsInside(app: StackConfig["apps"][string]): Called["ports"] {
  const first = new Map(
    portsOf(app, "tcp")
      .map(({ to, port }) => [to, port])
      .reverse() as [number, number][],
  );
  return [...first]
    .filter(([to]) => to !== app.port)
    .map(([to, port]) => ({ to, port }))
    .sort((a, b) => a.to - b.to);
}

/** What everything outside its component needs to know about an application's gateway; it is HAProxy, as the switch is. */
export function gatewayRow(app: string): ServiceRow {
  const { image, tags, versionNote } = SERVICES.switch;
  return {
    title: `the gateway of ${app}`,
    image,
    tags,
    versionNote,
    container: `${app}-gateway`,
    alias: app,
    logsJson: false,
  };
}
