import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Edge, Monitoring, TrafficSwitch as Settings } from "../config/schema/edge.ts";
import { hardened, healthcheck, IGNORED_BY_PROVIDER, readOnlyMount } from "./hardened.ts";
import { hostCommand } from "./host-command.ts";
import { haproxyCfg } from "./render/switch.ts";
import { onServer, type Server } from "./server.ts";

/** Arguments of a {@link TrafficSwitch}. */
export interface TrafficSwitchArgs {
  server: Server;
  settings: Settings;
  edge: Edge;
  monitoring: Monitoring;
  /** Image by digest. */
  image: pulumi.Input<string>;
}

/** The user `haproxy` of the official image and of ours; the sockets in the folder below belong to it. */
const USER = "99:99";

/**
 * HAProxy between the edge and the applications: weights, drain and health through its runtime API, no reload for a
 * release. Each application has a Unix socket in {@link sockets}.
 */
export class TrafficSwitch extends pulumi.ComponentResource {
  /** Folder on the host with HAProxy's files. */
  readonly folder: string;
  /** Folder on the host with the sockets of the applications and of the runtime API. */
  readonly sockets: string;
  /** HAProxy's runtime API on the host. No application's name has an underscore, so none meets this. */
  readonly runtime: string;
  readonly containerName: string;
  /** Traffic can be moved once this is there. */
  readonly ready: pulumi.Resource;

  constructor(
    name: string,
    { server, settings, edge, monitoring, image }: TrafficSwitchArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("fairlead:index:TrafficSwitch", name, {}, opts);
    this.folder = `${server.root}/switch`;
    this.sockets = `${this.folder}/run`;
    this.containerName = `${server.name}_switch`;
    const cfg = haproxyCfg(settings, edge, monitoring);
    // What reads the files; tried before they are left for HAProxy's next start.
    const read = { folder: `${this.folder}/conf`, image };
    const files = hostCommand(
      `${name}-files`,
      {
        verb: "configure-switch",
        undo: "remove",
        input: {
          ...read,
          name: "switch",
          directories: [
            { path: this.folder, mode: "0755", purge: true },
            { path: `${this.folder}/conf`, mode: "0755" },
            { path: `${this.folder}/conf/conf.d`, mode: "0755" },
            { path: this.sockets, mode: "0755", owner: USER },
          ],
          files: [{ path: `${this.folder}/conf/haproxy.cfg`, mode: "0644", content: cfg }],
        },
      },
      server,
      { parent: this },
    );
    const pulled = new docker.RemoteImage(name, { name: image, keepLocally: true }, onServer(server, this));
    const container = new docker.Container(
      name,
      {
        ...hardened({
          memory: settings.memory,
          cpus: settings.cpus,
          stop: 35,
          service: "switch",
          app: server.name,
        }),
        name: this.containerName,
        image: pulled.imageId,
        user: USER,
        workingDir: "/",
        command: ["haproxy", "-W", "-db", ...FILES],
        stopSignal: "SIGUSR1",
        networksAdvanced: [{ name: server.network, aliases: ["switch"] }],
        mounts: [
          readOnlyMount(`${this.folder}/conf`, CONFIG),
          { type: "bind", source: this.sockets, target: "/run/switch" },
        ],
        healthcheck: healthcheck(["CMD-SHELL", HEALTH], { interval: 10, timeout: 3, retries: 3 }),
      },
      onServer(server, this, {
        deleteBeforeReplace: true,
        replaceOnChanges: IGNORED_BY_PROVIDER,
        dependsOn: files,
      }),
    );
    const gate = { ...read, container: this.containerName, pids: 128, within: 30, id: container.id };
    const gated = hostCommand(`${name}-gate`, { verb: "gate-switch", input: gate }, server, {
      parent: this,
      dependsOn: container,
    });
    this.runtime = `${this.sockets}/_admin.sock`;
    const file = `${this.folder}/conf/haproxy.cfg`;
    const input = { container: this.containerName, socket: this.runtime, file, cfg };
    this.ready = hostCommand(`${name}-refresh`, { verb: "refresh", input }, server, {
      parent: this,
      dependsOn: gated,
    });
    this.registerOutputs({});
  }
}

const CONFIG = "/usr/local/etc/haproxy";
const FILES = ["-f", `${CONFIG}/haproxy.cfg`, "-f", `${CONFIG}/conf.d`];
/** Alpine's image has wget, ours has bash: whether HAProxy's own frontend answers. */
const HEALTH =
  "wget -q -O /dev/null http://127.0.0.1:8404/health || bash -c 'exec 3<>/dev/tcp/127.0.0.1/8404'";
