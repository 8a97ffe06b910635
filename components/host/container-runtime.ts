import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Host } from "./host.ts";
import { hostCommand } from "../lib/host-command.ts";
import { daemonJson } from "./render/daemon.ts";
import type { Server } from "./server.ts";

/** A login to a registry, which the provider gives the engine with each pull. */
export interface RegistryLogin {
  address: string;
  username: string;
  password: pulumi.Input<string>;
}

/** Arguments of a {@link ContainerRuntime}. */
export interface ContainerRuntimeArgs {
  host: Host;
  root: string;
  /** Name of the system; the network becomes `<name>_network` (H16). */
  name: string;
  /** Registry of images that are built here, as `name:port`; it has no TLS. */
  registry?: string;
  /** Logins to registries with images that not everybody may pull. */
  logins: RegistryLogin[];
  /** What must be there before anything can be published. */
  dependsOn: pulumi.Resource[];
}

/** The Docker engine of the host, its `daemon.json`, and the private network of the stack. */
export class ContainerRuntime extends pulumi.ComponentResource {
  /** The server with everything that containers need. */
  readonly server: Server;

  constructor(name: string, args: ContainerRuntimeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fairlead:index:ContainerRuntime", name, {}, opts);
    const { host, root, registry } = args;
    const engine = this.engine(`${name}-engine`, args);
    // Known in every preview; the resource waits for the files that the options name and for the engine.
    const provider = new docker.Provider(
      name,
      {
        host: host.url,
        sshOpts: host.sshOptions,
        disableDockerDaemonCheck: true,
        registryAuth: args.logins.length > 0 ? args.logins : undefined,
      },
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
    const shared = { root, name: args.name, registry, network: network.name };
    this.server = { ...host.reach, ...shared, docker: provider, after: engine };
    this.registerOutputs({ network: network.name });
  }

  private engine(name: string, { host, registry, dependsOn }: ContainerRuntimeArgs): pulumi.Resource {
    const daemon = {
      path: "/etc/docker/daemon.json",
      mode: "0644",
      content: daemonJson(registry && !isLoopback(registry) ? [registry] : []),
    };
    const input = {
      name: "container-runtime",
      files: [daemon],
      // Where the kernel has AppArmor, and Debian's has, the engine starts nothing without its parser.
      packages: ["docker.io", "apparmor"],
      // Debian 13 has the client in a package of its own.
      recommended: ["docker-cli"],
      check: [["python3", "-m", "json.tool", daemon.path]],
      units: [{ name: "docker.service", enabled: true, running: true, restartOn: [daemon.path] }],
    };
    return hostCommand(name, "files", input, host.reach, {
      parent: this,
      dependsOn: [host.ready, ...dependsOn],
    });
  }
}

/** An engine asks no TLS of its own server, whether it is told or not. */
const isLoopback = (registry: string): boolean => registry.startsWith("127.");
