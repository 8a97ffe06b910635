import * as pulumi from "@pulumi/pulumi";
import type { HostInputs } from "../../config/host/index.ts";
import type { App as Settings } from "../../config/schema/app/index.ts";
import { hostCommand, type Later } from "../lib/host-command.ts";
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
  /** The declared traffic; one entry is a plain deploy. */
  traffic: Weighted[];
  secrets: ReleaseSecret[];
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
    const releases = args.traffic.map((entry) => ({ ...entry, release: this.release(name, args, entry) }));
    const { server, trafficSwitch } = args;
    const moved = hostCommand(`${name}-traffic`, "traffic", trafficInput(name, args, releases), server, {
      parent: this,
      dependsOn: [trafficSwitch.ready, ...releases.map(({ release }) => release.ready)],
    });
    this.ready = moved;
    this.releases = moved.stdout.apply(() =>
      releases.map(({ release, image, weight }) => ({ release: release.identity, image, weight })),
    );
    this.registerOutputs({ releases: this.releases });
  }

  private release(app: string, args: AppArgs, { image, weight }: Weighted): Release {
    const { server, trafficSwitch, settings, secrets, dependsOn } = args;
    const gate = {
      // With another weight it passes its gate again, before the traffic moves.
      rollout: String(weight),
      switch: { socket: trafficSwitch.runtime },
      dependsOn: trafficSwitch.ready,
    };
    return new Release({ server, app, settings, image, secrets, dependsOn, gate }, { parent: this });
  }
}

function trafficInput(
  app: string,
  { trafficSwitch, settings, domain }: AppArgs,
  releases: { release: Release; weight: number }[],
): Later<HostInputs["traffic"]> {
  return {
    app,
    container: trafficSwitch.containerName,
    socket: trafficSwitch.runtime,
    file: `${trafficSwitch.folder}/conf/conf.d/${app}.cfg`,
    domain,
    port: settings.port,
    health: settings.health.path,
    within: settings.health.within,
    drain: settings.drain,
    releases: releases.map(({ release, weight }) => ({
      name: release.identity,
      weight,
      containers: release.containers,
    })),
  };
}
