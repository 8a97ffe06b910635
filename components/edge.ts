import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Certificates } from "./certificates.ts";
import { hardened, healthcheck, IGNORED_BY_PROVIDER, readOnlyMount } from "./hardened.ts";
import { hostCommand } from "./host-command.ts";
import { edgeFiles, type Site } from "./render/edge.ts";
import { onServer, type Server } from "./server.ts";
import type { TrafficSwitch } from "./traffic-switch.ts";

/** Arguments of an {@link Edge}. */
export interface EdgeArgs {
  server: Server;
  trafficSwitch: TrafficSwitch;
  certificates: Certificates;
  site: Site;
  /** Image by digest. */
  image: pulumi.Input<string>;
  /** What must be up before the edge takes requests (E39). */
  dependsOn: pulumi.Resource[];
}

/** Nginx, the only container in the server's own network, so that it sees every visitor's address: TLS, HTTP→HTTPS, routes to the applications (E1–E36). */
export class Edge extends pulumi.ComponentResource {
  /** It answers. */
  readonly ready: pulumi.Resource;

  constructor(
    name: string,
    { server, trafficSwitch, certificates, site, image, dependsOn }: EdgeArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("fairlead:index:Edge", name, {}, opts);
    const folder = `${server.root}/edge`;
    const containerName = `${server.name}_nginx`;
    const spool = `${server.root}/spool`;
    const directories = [
      { path: folder, mode: "0755", purge: true },
      // Root's alone on the server: whoever has the number of Nginx's workers there would read what visitors send.
      { path: spool, mode: "0700", purge: true },
      { path: `${spool}/edge`, mode: "0755" },
    ];
    const base = hostCommand(
      `${name}-base`,
      { verb: "apply", undo: "remove", input: { name: "edge", directories } },
      server,
      { parent: this },
    );
    const mounts = {
      [folder]: "/etc/fairlead",
      [certificates.folder]: "/etc/fairlead-tls",
      [certificates.webroot]: certificates.webroot,
      [trafficSwitch.sockets]: "/run/switch",
    };
    const writable = { [`${spool}/edge`]: "/var/spool/nginx" };
    // What lies in them counts as the container's memory, so nothing that a visitor sends or gets ever does.
    const tmpfs = { "/run": "rw,noexec,nosuid,size=1m", "/tmp": "rw,noexec,nosuid,size=1m" };
    const files = hostCommand(
      `${name}-files`,
      {
        verb: "edge",
        input: {
          ...{ directory: folder, container: containerName, image },
          mounts: { ...mounts, ...writable },
          writable: Object.keys(writable),
          oldProcesses: site.edge.oldProcesses,
          tmpfs: Object.keys(tmpfs),
          files: edgeFiles(site),
        },
      },
      server,
      // A route leads to an application once that serves.
      { parent: this, dependsOn: [base, certificates.ready, ...dependsOn] },
    );
    const pulled = new docker.RemoteImage(name, { name: image, keepLocally: true }, onServer(server, this));
    const container = new docker.Container(
      name,
      {
        ...hardened({
          ...{
            memory: site.edge.memory,
            cpus: site.edge.cpus,
            stop: 65,
            service: "nginx",
            app: server.name,
          },
          // The master reads the certificate's key as root, binds 80 and 443, and starts workers as nginx.
          capabilities: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"],
          tmpfs,
        }),
        name: containerName,
        image: pulled.imageId,
        entrypoints: ["nginx"],
        command: ["-c", "/etc/fairlead/live/nginx.conf", "-g", "daemon off;"],
        stopSignal: "SIGQUIT",
        networkMode: "host",
        mounts: [
          ...Object.entries(mounts).map(([host, inside]) => readOnlyMount(host, inside)),
          ...Object.entries(writable).map(([source, target]) => ({ type: "bind", source, target })),
        ],
        healthcheck: healthcheck(["CMD", "curl", "-fsS", "--unix-socket", "/run/health.sock", HEALTH], {
          interval: 10,
          timeout: 3,
          retries: 3,
        }),
      },
      onServer(server, this, {
        deleteBeforeReplace: true,
        replaceOnChanges: IGNORED_BY_PROVIDER,
        dependsOn: [files, ...dependsOn],
      }),
    );
    const gate = { container: containerName, pids: 128, within: 30, id: container.id };
    this.ready = hostCommand(`${name}-gate`, { verb: "gate", input: gate }, server, {
      parent: this,
      dependsOn: container,
    });
    this.registerOutputs({});
  }
}

/** The name says nothing: the socket leads to the container's own Nginx, whoever else listens on the server's ports. */
const HEALTH = "http://edge/health";
