import * as pulumi from "@pulumi/pulumi";
import type { Firewall } from "../config/schema/firewall.ts";
import type { Hardening as Settings } from "../config/schema/hardening.ts";
import { hostCommand, type Reach } from "./host-command.ts";
import { hardeningInput } from "./render/hardening.ts";

/** Arguments of a {@link Hardening}. */
export interface HardeningArgs {
  reach: Reach;
  settings: Settings;
  firewall: Firewall;
  /** Port on which sshd listens on the server itself. */
  sshPort: number;
  dependsOn: pulumi.Resource[];
}

/** fail2ban, updates that install themselves, kernel settings, journal, login rules, banner: the system's own guard. */
export class Hardening extends pulumi.ComponentResource {
  readonly ready: pulumi.Resource;
  /** What was asked for and this server can't do, with the reason. */
  readonly skipped: pulumi.Output<string[]>;

  constructor(name: string, args: HardeningArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fairlead:index:Hardening", name, {}, opts);
    const { reach, settings, firewall, sshPort, dependsOn } = args;
    const input = {
      name: "hardening",
      ...hardeningInput(settings, firewall, sshPort),
      clock: true,
      // A box sees every connection of this machine come from the gateway of its network.
      gateway: reach.lifetime !== undefined,
    };
    const system = hostCommand(name, { verb: "harden", undo: "unharden", input }, reach, {
      parent: this,
      dependsOn,
    });
    this.ready = system;
    this.skipped = system.stdout.apply((text) => (JSON.parse(text) as { skipped?: string[] }).skipped ?? []);
    this.registerOutputs({ skipped: this.skipped });
  }
}
