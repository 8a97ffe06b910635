import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";
import { hostCommand } from "./host-command.ts";
import { daemonJson } from "./render/daemon.ts";
import type { Server } from "./server.ts";

/** Arguments of a {@link ContainerRuntime}. */
export interface ContainerRuntimeArgs {
  host: Host;
  root: string;
  /** Name of the system; the network becomes `<name>_network` (H16). */
  name: string;
  /** Registry of images that are built here, as `name:port`; it has no TLS. */
  registry?: string;
  /** What must be there before anything can be published. */
  dependsOn: pulumi.Resource[];
}

/** The Docker engine of the host, its `daemon.json`, and the private network of the stack. */
export class ContainerRuntime extends pulumi.ComponentResource {
  /** The server with everything that containers need. */
  readonly server: Server;

  constructor(name: string, { host, ...args }: ContainerRuntimeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fairlead:index:ContainerRuntime", name, {}, opts);
    const daemon = {
      path: "/etc/docker/daemon.json",
      mode: "0644",
      content: daemonJson(args.registry ? [args.registry] : []),
    };
    const engine = hostCommand(
      `${name}-engine`,
      "files",
      {
        name: "container-runtime",
        files: [daemon],
        // Where the kernel has AppArmor, and Debian's has, the engine starts nothing without its parser.
        packages: ["docker.io", "apparmor"],
        // Debian 13 has the client in a package of its own.
        recommended: ["docker-cli"],
        check: [["python3", "-m", "json.tool", daemon.path]],
        units: [{ name: "docker.service", enabled: true, running: true, restartOn: [daemon.path] }],
      },
      host.reach,
      { parent: this, dependsOn: [host.ready, ...args.dependsOn] },
    );
    // Known in every preview; the resource waits for the files that the options name and for the engine.
    const provider = new docker.Provider(
      name,
      { host: host.url, sshOpts: host.sshOptions, disableDockerDaemonCheck: true },
      { parent: this, dependsOn: [host.identity, engine] },
    );
    const network = new docker.Network(
      name,
      {
        name: `${args.name}_network`,
        driver: "bridge",
        labels: [{ label: "managed-by", value: "fairlead" }],
      },
      { parent: this, provider, deletedWith: host.reach.lifetime, dependsOn: engine },
    );
    this.server = {
      ...host.reach,
      docker: provider,
      root: args.root,
      name: args.name,
      registry: args.registry,
      network: network.name,
      after: engine,
    };
    this.registerOutputs({ network: network.name });
  }
}
