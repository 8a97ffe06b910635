import type * as pulumi from "@pulumi/pulumi";
import type { HostInputs } from "../../config/host/index.ts";
import { objectivesOf } from "../../config/objectives.ts";
import type { PAGES } from "../../config/schema/subdomain.ts";
import { containerName, SERVICES } from "../../config/services.ts";
import type { Server } from "../host/server.ts";
import { hostCommand } from "../lib/host-command.ts";
import type { Service } from "../service/service.ts";
import { appsWithTraffic, boardsOf } from "./boards.ts";
import { dashboardsFile, dashboardsUnit, type StatusPage } from "./dashboards/pages.ts";
import type { Watched } from "./watched.ts";

/** What pages are about, and which of them somebody sees. */
export type Drawn = Watched & { edge: { subdomains: Readonly<Record<string, { pages?: Kind }>> } };

type Kind = (typeof PAGES)[number];

/**
 * The dashboards that the server draws, and the page for visitors, in folders that the edge serves (decision 0055).
 * @param socket HAProxy's runtime API
 */
export function drawPages(
  server: Server,
  drawn: Drawn,
  socket: string,
  prometheus: Service,
): pulumi.Resource {
  return hostCommand("pages", "files", pagesInput(server, drawn, socket), server, {
    parent: prometheus,
    // The timer draws at once.
    dependsOn: prometheus.ready,
  });
}

/** Files and folders; the timer only where somebody sees what it draws. */
export function pagesInput(
  { root, name }: Pick<Server, "root" | "name">,
  drawn: Drawn,
  socket: string,
): HostInputs["files"] {
  const apps = appsWithTraffic(drawn);
  const kinds = new Set(Object.values(drawn.edge.subdomains).map(({ pages }) => pages));
  // Below the edge's own folder, which it has mounted: pages need no other container.
  const folder = (kind: Kind): string => `${root}/edge/pages/${kind}`;
  const status = kinds.has("status")
    ? { ...statusPage(drawn, apps), folder: folder("status"), socket }
    : undefined;
  const place = {
    container: containerName(name, SERVICES.prometheus),
    folder: kinds.has("dashboards") ? folder("dashboards") : undefined,
    status,
  };
  return {
    name: "pages",
    directories: [{ path: `${root}/edge/pages`, mode: "0755", purge: true }],
    files: [dashboardsFile(place, boardsOf(drawn))],
    units: place.folder || status ? [dashboardsUnit()] : [],
  };
}

function statusPage(drawn: Drawn, apps: readonly string[]): Pick<StatusPage, "title" | "services"> {
  const services = apps.map((app) => ({
    app,
    title: drawn.monitoring.apps[app]?.title ?? app,
    objective: objectivesOf(drawn, app).availability,
  }));
  return { title: `${drawn.domain} status`, services };
}
