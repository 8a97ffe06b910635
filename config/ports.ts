import type { App } from "./schema/app/index.ts";
import type { AppPort } from "./schema/app/ports.ts";
import type { OpenPort } from "./schema/firewall.ts";
import { SERVICES, type ServiceRow } from "./services.ts";

type Apps = Readonly<Record<string, Pick<App, "ports">>>;

/** Ports of an application with one protocol, in the order of their numbers. */
export function portsOf({ ports }: Pick<App, "ports">, protocol: AppPort["protocol"]): AppPort[] {
  return ports.filter((one) => one.protocol === protocol).sort((a, b) => a.port - b.port);
}

/** Whether the switch has a place for an application: it answers HTTP, or on a TCP port. */
export function hasTraffic(app: Pick<App, "port" | "ports">): boolean {
  return app.port !== undefined || portsOf(app, "tcp").length > 0;
}

/** Every port of the server that leads to an application, sorted. */
export function applicationPorts(apps: Apps): { app: string; declared: AppPort }[] {
  return Object.entries(apps)
    .flatMap(([app, { ports }]) => ports.map((declared) => ({ app, declared })))
    .sort(
      (a, b) => a.declared.port - b.declared.port || (a.declared.protocol < b.declared.protocol ? -1 : 1),
    );
}

/** What the firewall opens for them. */
export function openedFor(apps: Apps): OpenPort[] {
  return applicationPorts(apps).map(({ declared: { port, protocol, allow } }) => ({
    port,
    protocol,
    sources: allow,
  }));
}

/** Port of the doorway's health check, on the server's loopback. */
export const DOORWAY_HEALTH = 8406;

/** What everything outside its component needs to know about the doorway of TCP ports; it is HAProxy, as the switch is. */
export function doorwayRow(): ServiceRow {
  const { image, tags, versionNote } = SERVICES.switch;
  return {
    title: "the doorway of ports",
    image,
    tags,
    versionNote,
    container: "ports",
    logsJson: false,
    auditExceptions: [
      {
        check: "docker.5.10",
        allowed: ["host"],
        why: "the doorway of TCP ports sees the address of every visitor there, over IPv6 too, and the firewall's own rules hold for it (decision 0050)",
      },
    ],
  };
}

/** The doorway's row, where a stack has one. */
export function doorwayRows(apps: Apps): ServiceRow[] {
  return applicationPorts(apps).some(({ declared }) => declared.protocol === "tcp") ? [doorwayRow()] : [];
}
