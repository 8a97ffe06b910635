import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/load.ts";
import { DOORWAY_HEALTH, doorwayRow, doorwayRows, portsOf } from "../../config/ports.ts";
import type { Server } from "../host/server.ts";
import { Service, type ServiceArgs } from "../service/service.ts";
import { pidsFor } from "../service/workers.ts";
import { doorwayCfg, type DoorwaySettings } from "./doorway-cfg.ts";
import { start, type TrafficSwitch } from "./traffic-switch.ts";

/** Arguments of a {@link Doorway}. */
export interface DoorwayArgs extends DoorwaySettings {
  server: Server;
  trafficSwitch: TrafficSwitch;
  /** HAProxy's image by digest. */
  image: pulumi.Input<string>;
  /** The applications' traffic: before that there is nothing to lead to. */
  dependsOn: pulumi.Resource[];
}

/**
 * HAProxy in the server's own network for the TCP ports of applications (decision 0050). It hands each connection on to the
 * switch, with the visitor's address, and takes another list of ports by a reload that closes nothing.
 */
export class Doorway extends Service {
  constructor(name: string, args: DoorwayArgs, opts?: pulumi.ComponentResourceOptions) {
    super(name, haproxy(args), opts, "fairlead:index:Doorway");
    this.registerOutputs({});
  }
}

/** The doorway of a stack whose applications have TCP ports, once they have their traffic; none in any other. */
export function declareDoorway(
  { apps, trafficSwitch: settings, edge, infrastructure }: Settings,
  server: Server,
  trafficSwitch: TrafficSwitch,
  serving: Readonly<Record<string, { ready: pulumi.Resource }>>,
): Doorway[] {
  if (doorwayRows(apps).length === 0) return [];
  const dependsOn = Object.keys(apps)
    .filter((name) => portsOf(apps[name]!, "tcp").length > 0)
    .map((name) => serving[name]!.ready);
  const image = infrastructure.switch;
  return [new Doorway("ports", { server, apps, settings, edge, trafficSwitch, image, dependsOn })];
}

/**
 * Its master binds ports below 1024; its workers are the image's own user, and those of before a reload stop when the master
 * says so.
 */
export const DOORWAY_CAPABILITIES = ["CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"];

const CONFIG = "/usr/local/etc/haproxy";
/** Alpine's image has wget, ours has bash. */
const HEALTH = `wget -q -O /dev/null http://127.0.0.1:${DOORWAY_HEALTH}/ || bash -c 'exec 3<>/dev/tcp/127.0.0.1/${DOORWAY_HEALTH}'`;

function haproxy(args: DoorwayArgs): ServiceArgs {
  const { server, settings, image, trafficSwitch, dependsOn } = args;
  const folder = `${server.root}/ports`;
  const [conf, run] = [`${folder}/conf`, `${folder}/run`];
  const text = doorwayCfg(args);
  const reader = { folder: conf, image };
  const input = {
    ...reader,
    name: "ports",
    directories: [
      { path: folder, mode: "0755", purge: true },
      { path: conf, mode: "0755" },
      { path: `${conf}/conf.d`, mode: "0755" },
      { path: run, mode: "0755" },
    ],
    files: [{ path: `${conf}/haproxy.cfg`, mode: "0644", content: text }],
  };
  return {
    server,
    row: doorwayRow(),
    image,
    limits: {
      memory: settings.memory,
      cpus: settings.cpus,
      pids: pidsFor(settings.cpus, settings.oldProcesses),
      stop: 35,
    },
    user: "0:0",
    capabilities: DOORWAY_CAPABILITIES,
    workingDir: "/",
    command: ["haproxy", "-W", "-db", "-f", `${CONFIG}/haproxy.cfg`],
    stopSignal: "SIGUSR1",
    namespaces: { network: "host" },
    files: (service) => [service.call("files", "switch", input)],
    mounts: [
      { source: conf, target: CONFIG },
      { source: run, target: "/run/doorway", writable: true },
      { source: trafficSwitch.sockets, target: "/run/switch" },
    ],
    health: { test: ["CMD-SHELL", HEALTH], interval: 10, timeout: 3, retries: 3 },
    within: 30,
    gate: (service, gate) => start(service, gate, { conf, runtime: `${run}/_admin.sock` }, { text, reader }),
    dependsOn,
  };
}
