import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { gatewayRow, type Called } from "../../config/gateways.ts";
import type { Edge, TrafficSwitch as SwitchSettings } from "../../config/schema/edge.ts";
import { toWholeTime } from "../../config/units.ts";
import type { Server } from "../host/server.ts";
import { asset } from "../lib/assets.ts";
import { fill } from "../lib/fill.ts";
import { Service, type ServiceArgs } from "../service/service.ts";
import { SWITCH_USER, type TrafficSwitch } from "../switch/traffic-switch.ts";

/** Arguments of a {@link Gateway}. */
export interface GatewayArgs {
  server: Server;
  /** The application that it leads to. */
  app: string;
  /** The application's port, on which it is called here too; absent: it answers no HTTP. */
  port?: number;
  /** The same of its TCP ports, with the server's, after which the switch calls them. */
  ports: Called["ports"];
  trafficSwitch: TrafficSwitch;
  settings: SwitchSettings;
  edge: Edge;
  /** HAProxy's image by digest. */
  image: pulumi.Input<string>;
  /** The application's traffic: before that there is nothing to lead to. */
  dependsOn: pulumi.Resource[];
}

/**
 * `http://<application>:<port>`, and its TCP ports, on the private network (decision 0045): a container under the application's name that hands
 * each connection on to the switch. A release is as smooth for other containers as for visitors, and a new application
 * restarts neither the switch nor anything else.
 */
export class Gateway extends Service {
  constructor(name: string, args: GatewayArgs, opts?: pulumi.ComponentResourceOptions) {
    super(name, haproxy(args), opts, "fairlead:index:Gateway");
    this.registerOutputs({});
  }
}

/** Each connection may take two buffers of 16 kB, and a few kB more. */
const MAX_CONNECTIONS = 1000;
const MEMORY = 64 * 1024 ** 2;
const CONFIG = "/usr/local/etc/haproxy";
/** Alpine's image has wget, ours has bash. */
const HEALTH = "wget -q -O /dev/null http://127.0.0.1:1/ || bash -c 'exec 3<>/dev/tcp/127.0.0.1/1'";

function haproxy(args: GatewayArgs): ServiceArgs {
  const { server, app, image, trafficSwitch, dependsOn } = args;
  const folder = `${server.root}/gateways/${app}`;
  const content = gatewayCfg(args);
  return {
    server,
    row: gatewayRow(app),
    image,
    limits: { memory: MEMORY, cpus: 0.5, pids: 64, stop: 35 },
    user: SWITCH_USER,
    workingDir: "/",
    command: ["haproxy", "-db", "-f", `${CONFIG}/haproxy.cfg`],
    // It reads its file when it starts: another text is another container.
    envs: [`CONFIGURATION=${createHash("sha256").update(content).digest("hex").slice(0, 10)}`],
    stopSignal: "SIGUSR1",
    files: {
      directories: [{ path: folder, mode: "0755", purge: true }],
      files: [{ path: `${folder}/haproxy.cfg`, mode: "0644", content }],
    },
    mounts: [
      { source: folder, target: CONFIG },
      { source: trafficSwitch.sockets, target: "/run/switch" },
    ],
    health: { test: ["CMD-SHELL", HEALTH], interval: 10, timeout: 3, retries: 3 },
    within: 30,
    dependsOn,
  };
}

/** `haproxy.cfg` of a gateway. */
export function gatewayCfg({
  app,
  port,
  ports,
  settings,
  edge,
}: Pick<GatewayArgs, "app" | "port" | "ports" | "settings" | "edge">): string {
  const ways = [
    ...(port === undefined ? [] : [fill(asset("switch/gateway-http.cfg"), { app, port })]),
    ...ports.map((one) =>
      fill(asset("switch/gateway-port.cfg"), { name: `_${app}_${one.port}`, to: one.to }),
    ),
  ];
  return fill(asset("switch/gateway.cfg"), {
    ways: ways.join("\n").trimEnd(),
    maxConnections: MAX_CONNECTIONS,
    hardStopAfter: toWholeTime(settings.hardStopAfter),
    idle: toWholeTime(edge.websocketTimeout),
  });
}
