import type * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { HostInputs } from "../../config/host/index.ts";
import { pulledFrom } from "../../config/images.ts";
import { hasTraffic, portsOf } from "../../config/ports.ts";
import { workersIn, type Worker } from "../../config/processes.ts";
import type { App as Settings } from "../../config/schema/app/index.ts";
import { hostCommand, type Later } from "../lib/host-command.ts";
import { jobsInput } from "./jobs.ts";
import { declareVolumes } from "./data.ts";
import type { ReleaseFile } from "./files.ts";
import { handoverInput } from "./handover.ts";
import { Release } from "./release.ts";
import type { ReleaseSecret } from "./secret.ts";
import type { Server } from "../host/server.ts";
import type { TrafficSwitch } from "../switch/traffic-switch.ts";

/** One entry of an application's traffic. */
export interface Weighted {
  /** Image by digest. */
  image: string;
  /** 0–256; 0 keeps the release warm. */
  weight: number;
}

/** Arguments of an {@link App}. */
export interface AppArgs {
  server: Server;
  trafficSwitch: TrafficSwitch;
  settings: Settings;
  /** The site's name: the switch checks by it, since some applications answer to their own names only. */
  domain: string;
  /** The switch reaches it over HTTP/2 without TLS. */
  grpc?: boolean;
  /** The declared traffic; one entry is a plain deploy. */
  traffic: Weighted[];
  secrets: ReleaseSecret[];
  /** Files of the project in its containers. */
  files: ReleaseFile[];
  /** How many images of earlier releases stay on the server. */
  keepImages: number;
  /** What must be up before this application starts (A10). */
  dependsOn: pulumi.Resource[];
}

/** A release in the stack's outputs. */
export interface ReleaseOutput extends Weighted {
  release: string;
}

/**
 * An application: its releases, and the traffic between them. A release gets traffic only once it is healthy;
 * when it isn't, the update fails with its last log lines and what served before still does.
 */
export class App extends pulumi.ComponentResource {
  /** The releases that have traffic, or are kept warm, once the switch has moved. */
  readonly releases: pulumi.Output<ReleaseOutput[]>;
  /** Applications that need this one wait for it. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: AppArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fairlead:index:App", name, {}, opts);
    const volumes = declareVolumes(name, args.settings.volumes, args.server, this);
    const weights = args.traffic.map(({ weight }) => weight);
    const releases = args.traffic.map((entry, index): Made => {
      const workers = workersIn(args.settings, weights, index);
      return {
        ...entry,
        workers,
        release: this.release(name, { ...args, dependsOn: [...args.dependsOn, ...volumes] }, entry, workers),
      };
    });
    const moved = this.move(name, args, releases);
    if (Object.keys(args.settings.jobs).length > 0) this.jobs(name, args, releases, moved);
    this.ready = moved;
    this.images(name, args, moved);
    this.releases = moved.stdout.apply(() =>
      releases.map(({ release, image, weight }) => ({ release: release.identity, image, weight })),
    );
    this.registerOutputs({ releases: this.releases });
  }

  /** Images of earlier releases make room once their successor has the traffic. */
  private images(app: string, { server, keepImages, traffic }: AppArgs, moved: pulumi.Resource): void {
    const images = [...new Set(traffic.map(({ image }) => pulledFrom(image, server.registry)))].sort();
    const input = { app, images, keep: keepImages };
    hostCommand(`${app}-images`, "images", input, server, { parent: this, dependsOn: moved });
  }

  /** The jobs go over to a new release once it has the traffic, and before the old one goes. */
  private jobs(name: string, { server, settings }: AppArgs, releases: Made[], moved: pulumi.Resource): void {
    const candidates = releases.map(({ release, weight }) => ({
      identity: release.identity,
      containers: pulumi
        .all([release.containers, release.workers])
        .apply(([web, workers]) => (web.length > 0 ? web : Object.values(workers).flat())),
      weight,
    }));
    const input = jobsInput(name, settings, candidates, `${server.root}/metrics`);
    hostCommand(`${name}-jobs`, "jobs", input, server, { parent: this, dependsOn: moved });
  }

  /** What has a successor hands over, and then the traffic moves; an application without traffic has only the former. */
  private move(name: string, args: AppArgs, releases: Made[]): command.remote.Command {
    const { server, trafficSwitch, settings } = args;
    const ready = releases.flatMap(({ release }) => release.ready);
    const handover = handoverInput(server.name, settings, releases);
    const port = settings.port ?? portsOf(settings, "tcp")[0]?.to;
    if (port === undefined) {
      const options = { parent: this, dependsOn: ready };
      return hostCommand(`${name}-handover`, "handover", { app: name, handover }, server, options);
    }
    const hasMore = settings.exclusive || releases.some(({ workers }) => workers.length > 0);
    const input = {
      ...trafficInput(name, args, port, releases),
      handover: hasMore ? handover : undefined,
    };
    return hostCommand(`${name}-traffic`, "traffic", input, server, {
      parent: this,
      dependsOn: [trafficSwitch.ready, ...ready],
    });
  }

  private release(app: string, args: AppArgs, { image, weight }: Weighted, workers: Worker[]): Release {
    const { server, trafficSwitch, settings, secrets, files, dependsOn } = args;
    const gate = {
      // With another weight it passes its gate again, before the traffic moves.
      rollout: String(weight),
      switch: !hasTraffic(settings) ? undefined : { socket: trafficSwitch.runtime },
      dependsOn: trafficSwitch.ready,
    };
    return new Release(
      { server, app, settings, image, secrets, files, workers, dependsOn, gate },
      { parent: this },
    );
  }
}

/** A release with what runs in it. */
interface Made extends Weighted {
  release: Release;
  workers: Worker[];
}

/** The TCP ports that lead to an application; absent without any. */
function switchedPorts(settings: Settings): HostInputs["traffic"]["ports"] {
  const ports = portsOf(settings, "tcp").map(({ port, to, proxyProtocol }) => ({
    port,
    to,
    proxy: proxyProtocol || undefined,
  }));
  return ports.length > 0 ? ports : undefined;
}

function trafficInput(
  app: string,
  { trafficSwitch, settings, domain, grpc }: AppArgs,
  port: number,
  releases: Made[],
): Later<HostInputs["traffic"]> {
  return {
    app,
    container: trafficSwitch.containerName,
    socket: trafficSwitch.runtime,
    file: `${trafficSwitch.folder}/conf/conf.d/${app}.cfg`,
    domain,
    port,
    health: settings.port === undefined ? undefined : (settings.health.ready ?? settings.health.path),
    status: settings.health.status,
    host: settings.health.host,
    within: settings.health.within,
    ports: switchedPorts(settings),
    drain: settings.drain,
    exclusive: settings.exclusive || undefined,
    grpc: grpc || undefined,
    releases: releases.map(({ release, weight }) => ({
      name: release.identity,
      weight,
      containers: release.containers,
    })),
  };
}
