import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { pulledFrom } from "../../config/images.ts";
import { hasTraffic } from "../../config/ports.ts";
import { RELEASE, type Worker } from "../../config/processes.ts";
import type { App } from "../../config/schema/app/index.ts";
import { IGNORED_BY_PROVIDER } from "../service/hardened.ts";
import { hostCommand } from "../lib/host-command.ts";
import { containerArgs } from "./container.ts";
import { writeReleaseFiles, type ReleaseFile } from "./files.ts";
import { releaseName } from "./identity.ts";
import { gateRequest } from "./outside.ts";
import { commandArgs, workerArgs } from "./worker-container.ts";
import type { ReleaseSecret } from "./secret.ts";
import { onServer, type Server } from "../host/server.ts";

/** Arguments of a {@link Release}. */
export interface ReleaseArgs {
  server: Server;
  app: string;
  settings: App;
  /** Image by digest. */
  image: string;
  secrets: ReleaseSecret[];
  /** Files of the project in its containers. */
  files: ReleaseFile[];
  /** Its processes that get no traffic. */
  workers: Worker[];
  dependsOn: pulumi.Resource[];
  gate: ReleaseGate;
}

/** Names of containers: `<prefix>-1`, … */
function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
}

/** What the gate of a release must know of what comes behind it. */
export interface ReleaseGate {
  /** Changes before the release gets other traffic than it has, and has it pass the gate again. */
  rollout?: string;
  /** Tells whether the release serves: one that does is never stopped. */
  switch?: { socket: string };
  dependsOn?: pulumi.Resource;
}

/**
 * An image with the configuration and secrets it runs with. Its name is that identity: each change makes a new resource,
 * which is created while the old one still runs, and the old one is deleted last. That is blue/green.
 */
export class Release extends pulumi.ComponentResource {
  readonly identity: string;
  /** Folder on the server for its secrets. */
  private readonly folder: string;
  /**
   * Their names. Docker's DNS knows a container by its name, and only that tells a replaced one from its replacement: the
   * switch moves from one to the other as it does between releases.
   */
  readonly containers: pulumi.Output<string>[];
  /** Names of the containers of its other processes, by process. */
  readonly workers: pulumi.Output<Record<string, string[]>>;
  /** The release has passed its gate: healthy, and with its limit of processes; what never runs twice is only made. */
  readonly ready: pulumi.Resource[];

  constructor(args: ReleaseArgs, opts?: pulumi.ComponentResourceOptions) {
    const identity = releaseName(args.app, args.image, args.settings, args.secrets, args.files);
    super("fairlead:index:Release", identity, {}, opts);
    this.identity = identity;
    this.folder = `${args.server.root}/secrets/${identity}`;
    const before = [
      ...args.dependsOn,
      ...args.secrets.flatMap(({ ready }) => ready ?? []),
      ...writeReleaseFiles(identity, args.files, args.server, this),
      ...(args.settings.secretsAs === "file" ? this.secretFiles(args) : []),
    ];
    const { imageId } = new docker.RemoteImage(
      identity,
      { name: pulledFrom(args.image, args.server.registry), keepLocally: true },
      onServer(args.server, this),
    );
    const prepared = [...before, ...this.command(args, imageId, before)];
    const web = hasTraffic(args.settings) ? args.settings.replicas : 0;
    const created = numbered(identity, web).map((host) =>
      this.container(host, this.webArgs(args), args, imageId, prepared),
    );
    this.containers = created.map(({ name }) => name);
    // One that waits for its predecessor to stop passes its gate when it takes over.
    const passed = args.settings.exclusive ? [...prepared, ...created] : this.gateOf(args, created, prepared);
    const made = args.workers.map((worker) => ({
      worker,
      containers: numbered(`${identity}-${worker.name}`, worker.replicas).map((host) =>
        this.container(host, workerArgs(identity, args, this.folder, worker), args, imageId, passed),
      ),
    }));
    this.workers = pulumi.output(
      Object.fromEntries(
        made.map(({ worker, containers }) => [worker.name, containers.map(({ name }) => name)]),
      ),
    );
    const workers = made.flatMap(({ containers }) => containers);
    const gated = made.filter(({ worker }) => !worker.succeeds);
    const gate = gated.length > 0 ? [this.workersGate(args, gated)] : [];
    this.ready = [...passed, ...workers, ...gate];
    this.registerOutputs({});
  }

  private webArgs(args: ReleaseArgs): Omit<docker.ContainerArgs, "image"> {
    const { exclusive } = args.settings;
    return {
      ...containerArgs(this.identity, args, this.folder),
      start: exclusive ? false : undefined,
      mustRun: exclusive ? false : undefined,
    };
  }

  private gateOf(
    args: ReleaseArgs,
    created: docker.Container[],
    prepared: pulumi.Resource[],
  ): pulumi.Resource[] {
    return created.length > 0 ? [this.gate(args, created)] : prepared;
  }

  /** No fixed name, and no host port but a UDP one of an exclusive application, so that two releases can run at the same time. */
  private container(
    host: string,
    settings: Omit<docker.ContainerArgs, "image">,
    args: ReleaseArgs,
    image: pulumi.Output<string>,
    dependsOn: pulumi.Resource[],
  ): docker.Container {
    return new docker.Container(
      host,
      {
        ...settings,
        image,
        networksAdvanced: [{ name: args.server.network, aliases: [host] }],
      },
      onServer(args.server, this, {
        deleteBeforeReplace: false,
        replaceOnChanges: IGNORED_BY_PROVIDER,
        dependsOn,
      }),
    );
  }

  /** The release's own command, in a container that only it runs in. */
  private command(
    args: ReleaseArgs,
    image: pulumi.Output<string>,
    before: pulumi.Resource[],
  ): pulumi.Resource[] {
    const { server, app, settings } = args;
    if (!settings.release) return [];
    const host = `${this.identity}-${RELEASE}`;
    const container = this.container(
      host,
      commandArgs(this.identity, args, this.folder),
      args,
      image,
      before,
    );
    const input = {
      app,
      release: this.identity,
      container: container.name,
      pids: settings.resources.pids,
      timeout: settings.release.timeout,
      marker: `${server.root}/released/${this.identity}`,
    };
    return [
      hostCommand(`${host}-command`, "release-command", input, server, {
        parent: this,
        dependsOn: container,
      }),
    ];
  }

  private gate({ server, app, settings, gate }: ReleaseArgs, containers: pulumi.Resource[]): pulumi.Resource {
    const input = {
      app,
      release: this.identity,
      containers: this.containers,
      pids: settings.resources.pids,
      within: settings.health.within,
      http: gateRequest(settings),
      rollout: gate.rollout,
      switch: gate.switch,
    };
    return hostCommand(`${this.identity}-gate`, "release", input, server, {
      parent: this,
      dependsOn: [...containers, ...(gate.dependsOn ? [gate.dependsOn] : [])],
    });
  }

  /** All of them, or the release fails: a worker of a release that gets no traffic has no work. */
  private workersGate(
    { server, app, gate }: ReleaseArgs,
    made: { worker: Worker; containers: docker.Container[] }[],
  ): pulumi.Resource {
    const input = {
      app,
      release: this.identity,
      system: server.name,
      web: this.containers,
      processes: made.map(({ worker, containers }) => ({
        name: worker.name,
        containers: containers.map(({ name }) => name),
        pids: worker.resources.pids,
        within: worker.health.within,
      })),
      rollout: gate.rollout,
      switch: gate.switch,
    };
    return hostCommand(`${this.identity}-workers`, "workers", input, server, {
      parent: this,
      dependsOn: made.flatMap(({ containers }) => containers),
    });
  }

  /** Secrets as files that only this release's containers see: the folder above is closed to everyone but root. */
  private secretFiles({ server, secrets }: ReleaseArgs): pulumi.Resource[] {
    const { folder } = this;
    if (secrets.length === 0) return [];
    const files = [...secrets].sort((a, b) => (a.variable < b.variable ? -1 : 1));
    const input = {
      name: `secrets/${this.identity}`,
      directories: [{ path: folder, mode: "0755", purge: true }],
      files: files.map(({ variable, value }) => ({
        path: `${folder}/${variable}`,
        mode: "0444",
        content: value,
      })),
    };
    return [hostCommand(`${this.identity}-secrets`, "files", input, server, { parent: this })];
  }
}
