import type * as pulumi from "@pulumi/pulumi";
import type { Edge, Monitoring, TrafficSwitch as Settings } from "../../config/schema/edge.ts";
import { SERVICES } from "../../config/services.ts";
import { haproxyCfg } from "./haproxy-cfg.ts";
import { outlivedReloads } from "./reloads.ts";
import { pidsFor } from "../service/workers.ts";
import type { Server } from "../host/server.ts";
import { Service, type GateInput, type ServiceArgs } from "../service/service.ts";

/** Arguments of a {@link TrafficSwitch}. */
export interface TrafficSwitchArgs {
  server: Server;
  settings: Settings;
  /** How many applications have traffic. */
  applications: number;
  edge: Edge;
  monitoring: Monitoring;
  /** Image by digest. */
  image: pulumi.Input<string>;
}

/** The user `haproxy` of the official image and of ours; the sockets in the folder below belong to it. */
export const SWITCH_USER = "99:99";

/**
 * HAProxy between the edge and the applications: weights, drain and health through its runtime API, no reload for a
 * release. Each application has a Unix socket in {@link sockets}.
 */
export class TrafficSwitch extends Service {
  /** Folder on the host with HAProxy's files. */
  readonly folder: string;
  /** Folder on the host with the sockets of the applications and of the runtime API. */
  readonly sockets: string;
  /** HAProxy's runtime API on the host. No application's name has an underscore, so none meets this. */
  readonly runtime: string;

  constructor(name: string, args: TrafficSwitchArgs, opts?: pulumi.ComponentResourceOptions) {
    const places = placesOf(args.server);
    super(name, haproxy(args, places), opts, "fairlead:index:TrafficSwitch");
    this.folder = places.folder;
    this.sockets = places.sockets;
    this.runtime = places.runtime;
    this.registerOutputs({});
  }
}

/** Folders and files of the switch on the server. */
type Places = Pick<TrafficSwitch, "folder" | "sockets" | "runtime"> & { conf: string };

function placesOf({ root }: Server): Places {
  const folder = `${root}/switch`;
  return { folder, conf: `${folder}/conf`, sockets: `${folder}/run`, runtime: `${folder}/run/_admin.sock` };
}

function haproxy(
  { server, settings, applications, edge, monitoring, image }: TrafficSwitchArgs,
  places: Places,
): ServiceArgs {
  const reloads = outlivedReloads(settings, applications);
  const configuration: Configuration = {
    text: haproxyCfg(settings, reloads, edge, monitoring),
    reader: { folder: places.conf, image },
  };
  return {
    server,
    row: SERVICES.switch,
    image,
    limits: {
      memory: settings.memory,
      cpus: settings.cpus,
      pids: pidsFor(settings.cpus, reloads),
      stop: 35,
    },
    user: SWITCH_USER,
    workingDir: "/",
    command: ["haproxy", "-W", "-db", "-f", `${CONFIG}/haproxy.cfg`, "-f", `${CONFIG}/conf.d`],
    stopSignal: "SIGUSR1",
    files: (service) => [configure(service, places, configuration)],
    mounts: [
      { source: places.conf, target: CONFIG },
      { source: places.sockets, target: "/run/switch", writable: true },
    ],
    health: { test: ["CMD-SHELL", HEALTH], interval: 10, timeout: 3, retries: 3 },
    within: 30,
    gate: (service, input) => start(service, input, places, configuration),
  };
}

const CONFIG = "/usr/local/etc/haproxy";
const { metricsPort: PORT } = SERVICES.switch;
/** Alpine's image has wget, ours has bash: whether HAProxy's own frontend answers. */
const HEALTH = `wget -q -O /dev/null http://127.0.0.1:${PORT}/health || bash -c 'exec 3<>/dev/tcp/127.0.0.1/${PORT}'`;

/** HAProxy's file. */
interface Configuration {
  text: string;
  /** What will read the files tries them before they are left for its next start. */
  reader: { folder: string; image: pulumi.Input<string> };
}

function configure(
  service: Service,
  { folder, conf, sockets }: Places,
  { text, reader }: Configuration,
): pulumi.Resource {
  const input = {
    ...reader,
    name: "switch",
    directories: [
      { path: folder, mode: "0755", purge: true },
      { path: conf, mode: "0755" },
      { path: `${conf}/conf.d`, mode: "0755" },
      { path: sockets, mode: "0755", owner: SWITCH_USER },
    ],
    files: [{ path: `${conf}/haproxy.cfg`, mode: "0644", content: text }],
  };
  return service.call("files", "switch", input);
}

/** The gate, then the running HAProxy takes over a changed file. Traffic can be moved after that. */
export function start(
  service: Service,
  input: GateInput,
  { conf, runtime }: Pick<Places, "conf" | "runtime">,
  { text, reader }: Configuration,
): pulumi.Resource {
  const gate = service.call("gate", "switch-container", { ...input, ...reader }, service.container);
  const refresh = { container: input.container, socket: runtime, file: `${conf}/haproxy.cfg`, cfg: text };
  return service.call("refresh", "switch-process", refresh, gate);
}
