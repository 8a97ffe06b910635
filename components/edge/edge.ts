import type * as pulumi from "@pulumi/pulumi";
import { SERVICES } from "../../config/services.ts";
import type { Certificates } from "../certificates/certificates.ts";
import { userFiles } from "./render/auth.ts";
import { edgeFiles } from "./render/files.ts";
import { mapValues } from "../lib/map-values.ts";
import type { SecretValue } from "../lib/secret-value.ts";
import { pidsFor } from "../service/workers.ts";
import type { Site } from "./site.ts";
import type { Server } from "../host/server.ts";
import type { ServiceMount } from "../service/container.ts";
import { Service, type ServiceArgs } from "../service/service.ts";
import type { TrafficSwitch } from "../switch/traffic-switch.ts";

/** Arguments of an {@link Edge}. */
export interface EdgeArgs {
  server: Server;
  trafficSwitch: TrafficSwitch;
  certificates: Certificates;
  site: Site;
  /** Passwords of visitors, by the names of their secrets. */
  secret: (name: string) => SecretValue;
  /** Image by digest. */
  image: pulumi.Input<string>;
  /** What must be up before the edge takes requests (E39). */
  dependsOn: pulumi.Resource[];
}

/** Nginx, the only container in the server's own network, so that it sees every visitor's address: TLS, HTTP→HTTPS, routes to the applications (E1–E36). */
export class Edge extends Service {
  constructor(name: string, args: EdgeArgs, opts?: pulumi.ComponentResourceOptions) {
    super(name, nginx(args), opts, "fairlead:index:Edge");
    this.registerOutputs({});
  }
}

function nginx(args: EdgeArgs): ServiceArgs {
  const { server, site, image, dependsOn } = args;
  const mounts = mountsOf(args);
  return {
    server,
    row: SERVICES.edge,
    image,
    limits: {
      memory: site.edge.memory,
      cpus: site.edge.cpus,
      pids: pidsFor(site.edge.cpus, site.edge.oldProcesses),
      stop: 65,
    },
    // The master reads the certificate's key as root, binds 80 and 443, and starts workers as nginx.
    capabilities: ["CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SETGID", "CAP_SETUID"],
    tmpfs: TMPFS,
    entrypoints: ["nginx"],
    command: ["-c", "/etc/fairlead/live/nginx.conf", "-g", "daemon off;"],
    stopSignal: "SIGQUIT",
    namespaces: { network: "host" },
    files: (service) => [configure(service, args, mounts)],
    mounts,
    health: { test: HEALTH, interval: 10, timeout: 3, retries: 3 },
    within: 30,
    dependsOn,
  };
}

/** Their content counts as the container's memory, so nothing that a visitor sends or receives is stored there. */
const TMPFS = { "/run": "rw,noexec,nosuid,size=1m", "/tmp": "rw,noexec,nosuid,size=1m" };

/** The socket belongs to this container's Nginx, even when another process listens on the server's ports. */
const HEALTH = ["CMD", "curl", "-fsS", "--unix-socket", "/run/health.sock", "http://edge/health"];

const folderOf = (server: Server): string => `${server.root}/edge`;
const spoolOf = (server: Server): string => `${server.root}/spool`;

function mountsOf({ server, certificates, trafficSwitch }: EdgeArgs): ServiceMount[] {
  return [
    { source: folderOf(server), target: "/etc/fairlead" },
    { source: certificates.folder, target: "/etc/fairlead-tls" },
    { source: certificates.webroot, target: certificates.webroot },
    { source: trafficSwitch.sockets, target: "/run/switch" },
    { source: `${spoolOf(server)}/edge`, target: "/var/spool/nginx", writable: true },
  ];
}

/** The folders, and the configuration: it is tried in a container that sees what the edge's own will see. */
function configure(service: Service, args: EdgeArgs, mounts: ServiceMount[]): pulumi.Resource {
  const { server, site, image, certificates, dependsOn } = args;
  const [folder, spool] = [folderOf(server), spoolOf(server)];
  const directories = [
    { path: folder, mode: "0755", purge: true },
    // Root's alone: another account of the server may have the number of Nginx's workers and could read what visitors send.
    { path: spool, mode: "0700", purge: true },
    { path: `${spool}/edge`, mode: "0755" },
  ];
  const base = service.call("base", "files", { name: "edge", directories });
  const input = {
    directory: folder,
    container: service.containerName,
    image,
    mounts: Object.fromEntries(mounts.map(({ source, target }) => [source, target])),
    writable: mounts.filter(({ writable }) => writable).map(({ source }) => source),
    oldProcesses: site.edge.oldProcesses,
    tmpfs: Object.keys(TMPFS),
    files: edgeFiles(site),
  };
  // A route leads to an application once that serves.
  const users = writeUsers(service, args, base);
  return service.call("files", "edge", input, [base, ...users, certificates.ready, ...dependsOn]);
}

/** Group of Nginx's workers, in the official image and in ours. */
const NGINX_GROUP = 101;

/** Passwords of visitors, where any are asked for one. */
function writeUsers(
  service: Service,
  { server, site, secret }: EdgeArgs,
  base: pulumi.Resource,
): pulumi.Resource[] {
  const declared = userFiles(site);
  if (Object.keys(declared).length === 0) return [];
  const files = mapValues(declared, (users) => mapValues(users, (name) => secret(name).value));
  const input = { directory: `${folderOf(server)}/users`, group: NGINX_GROUP, files };
  return [service.call("users", "edge-users", input, base)];
}
