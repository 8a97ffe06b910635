import type * as pulumi from "@pulumi/pulumi";
import type { HostInputs, CallInputs } from "../../config/host/index.ts";
import { scrapedOf } from "../../config/objectives.ts";
import { asset } from "../lib/assets.ts";
import { fill } from "../lib/fill.ts";
import { hostCommand } from "../lib/host-command.ts";
import { sortedJson } from "../lib/sorted-json.ts";
import type { Server } from "../host/server.ts";
import type { Watched } from "./watched.ts";

const folderOf = ({ root }: Pick<Server, "root">): string => `${root}/monitoring`;

/** Where on the server it is written where applications export figures. */
export const targetsOf = (server: Pick<Server, "root">): string => `${folderOf(server)}/targets`;

/** Docker's folder of a volume's content. */
const VOLUMES = "/var/lib/docker/volumes";

/** The service on the server that measures what no exporter does, and says where applications export their figures. */
export function measure(
  server: Server,
  watched: Watched,
  socket: string,
  parent: pulumi.Resource,
): pulumi.Resource {
  return hostCommand("measure", "files", measureInput(server, watched, socket), server, { parent });
}

/** Its files and unit; what it measures is in a file of its own. */
export function measureInput(
  server: Pick<Server, "root" | "name">,
  { apps }: Pick<Watched, "apps">,
  socket: string,
): HostInputs["files"] {
  const { root, name } = server;
  const [folder, metrics] = [folderOf(server), `${root}/metrics`];
  const input = `${folder}/measure.json`;
  const scraped = Object.entries(apps)
    .map(([app, settings]) => [app, scrapedOf(settings)] as const)
    .filter(([, found]) => found.length > 0);
  const content: CallInputs["measure"] = {
    system: name,
    root,
    socket,
    metrics,
    targets: targetsOf(server),
    apps: Object.fromEntries(scraped),
    volumes: { prometheus: [`${VOLUMES}/${name}_prometheus_data`] },
  };
  return {
    name: "measure",
    directories: [
      { path: folder, mode: "0755", purge: true },
      { path: targetsOf(server), mode: "0755" },
      { path: metrics, mode: "0755" },
    ],
    files: [{ path: input, mode: "0644", content: `${sortedJson(content)}\n` }],
    units: [
      {
        name: "fairlead-measure.service",
        service: fill(asset("host/units/measure.service"), { input, written: `${metrics}/server.prom` }),
        enabled: true,
        running: true,
        restartOn: [input],
      },
    ],
  };
}
