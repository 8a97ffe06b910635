import type * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { HostInputs, Noun } from "../../config/host/index.ts";
import { containerName, type ServiceRow } from "../../config/services.ts";
import { IGNORED_BY_PROVIDER } from "./hardened.ts";
import { hostCommand, type Later } from "../lib/host-command.ts";
import { dataVolume, onServer, type Server } from "../host/server.ts";
import { serviceContainer, type ServiceContainer } from "./container.ts";

type Files = HostInputs["files"];

/** Files on the server that a service reads. */
export interface ServiceFiles {
  directories: NonNullable<Files["directories"]>;
  files: Later<NonNullable<Files["files"]>>;
  /** Commands that must accept the files once they are written; else the old ones come back. */
  check?: Later<NonNullable<Files["check"]>>;
}

/** Arguments of a {@link Service}. */
export interface ServiceArgs extends ServiceContainer {
  server: Server;
  /** Its row in the table of services. */
  row: ServiceRow;
  /** Image by digest. */
  image: pulumi.Input<string>;
  /** Files that must be there before the container starts, or what else makes them. */
  files?: ServiceFiles | ((service: Service) => pulumi.Resource[]);
  /** Data that outlives the container: a volume `<system>_<name>`, at a path in the container. */
  volume?: ServiceVolume;
  /** Seconds within which the container must be healthy after a start. */
  within: number;
  /** What watches over the start, where the tools' own gate isn't enough; {@link Service.ready} is what it returns. */
  gate?: (service: Service, input: GateInput) => pulumi.Resource;
  /** What else must be up before the container starts. */
  dependsOn?: pulumi.Resource[];
}

/** A volume of a service. */
export interface ServiceVolume {
  name: string;
  path: string;
  /** Who it belongs to, where it outlives the service too, until the whole stack is deleted (decision 0041). */
  keptFor?: string;
}

/** What a gate needs: the container, its limit of processes, and how many seconds it has. */
export interface GateInput {
  container: string;
  pids: number;
  within: number;
  /** Another container under the same name makes the gate run again. */
  id: pulumi.Output<string>;
}

const TYPE = "fairlead:index:Service";

/**
 * A container of the infrastructure on the server: its files, image, volume and limits, and a gate that waits until it is
 * healthy. Its row in `config/services.ts` says what others need to know about it: names, versions, metrics, exceptions.
 * A component that adds something of its own, such as a database's login, extends it under a type of its own.
 */
export class Service extends pulumi.ComponentResource {
  readonly server: Server;
  readonly containerName: string;
  readonly container: docker.Container;
  /** The container is healthy, and its limit of processes holds. */
  readonly ready: pulumi.Resource;
  /** Where its metrics are: a host name and a port for containers on the private network, or on the server's loopback. */
  readonly metrics: { host: string; port: number } | undefined;

  constructor(
    private readonly prefix: string,
    args: ServiceArgs,
    opts?: pulumi.ComponentResourceOptions,
    type = TYPE,
  ) {
    super(type, prefix, {}, opts);
    this.server = args.server;
    this.containerName = containerName(args.server.name, args.row);
    this.metrics = metricsOf(args.row);
    this.container = this.run(args, this.prepare(args.files));
    this.ready = this.start(args);
    if (new.target === Service) this.registerOutputs({});
  }

  /** A noun of the host tools that belongs to this service: `<name>-<suffix>`. */
  call<N extends Noun>(
    suffix: string,
    noun: N,
    input: Later<HostInputs[N]>,
    dependsOn: pulumi.Resource | pulumi.Resource[] = [],
  ): command.remote.Command {
    return hostCommand(`${this.prefix}-${suffix}`, noun, input, this.server, { parent: this, dependsOn });
  }

  /** Writes files of the service; a check that fails puts the old ones back. */
  writeFiles(files: ServiceFiles): command.remote.Command {
    return this.call("files", "files", { name: this.prefix, ...files });
  }

  private prepare(files: ServiceArgs["files"]): pulumi.Resource[] {
    if (files === undefined) return [];
    return typeof files === "function" ? files(this) : [this.writeFiles(files)];
  }

  private run(args: ServiceArgs, prepared: pulumi.Resource[]): docker.Container {
    const { server, row, image, volume, dependsOn = [] } = args;
    return new docker.Container(
      this.prefix,
      {
        ...serviceContainer(row, server, args),
        name: this.containerName,
        image: this.pull(image),
        volumes: volume && [this.volume(volume)],
      },
      onServer(server, this, {
        deleteBeforeReplace: true,
        replaceOnChanges: IGNORED_BY_PROVIDER,
        dependsOn: [...prepared, ...(volume ? this.keep(volume) : []), ...dependsOn],
      }),
    );
  }

  private start({ limits, within, gate = plainGate }: ServiceArgs): pulumi.Resource {
    return gate(this, {
      container: this.containerName,
      pids: limits.pids,
      within,
      id: this.container.id,
    });
  }

  private pull(image: pulumi.Input<string>): pulumi.Output<string> {
    const args = { name: image, keepLocally: true };
    return new docker.RemoteImage(this.prefix, args, onServer(this.server, this)).imageId;
  }

  private volume({ name, path, keptFor }: ServiceVolume): docker.types.input.ContainerVolume {
    const own = `${this.server.name}_${name}`;
    if (keptFor !== undefined) return { volumeName: own, containerPath: path };
    const volume = dataVolume(this.prefix, own, this.server, this);
    return { volumeName: volume.name, containerPath: path };
  }

  /** A volume that the host tools make and keep. */
  private keep({ name, keptFor }: ServiceVolume): pulumi.Resource[] {
    if (keptFor === undefined) return [];
    const { name: system } = this.server;
    const input = { volume: `${system}_${name}`, system, app: keptFor, backup: true };
    return [this.call("volume", "volume", input)];
  }
}

function plainGate(service: Service, input: GateInput): pulumi.Resource {
  return service.call("gate", "container", input, service.container);
}

function metricsOf({ alias, metricsPort: port }: ServiceRow): { host: string; port: number } | undefined {
  return port === undefined ? undefined : { host: alias ?? "127.0.0.1", port };
}
