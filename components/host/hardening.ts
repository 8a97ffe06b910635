import * as pulumi from "@pulumi/pulumi";
import type { Firewall } from "../../config/schema/firewall.ts";
import type { Hardening as Settings } from "../../config/schema/hardening.ts";
import { hostCommand, type Reach } from "../lib/host-command.ts";
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
      ...hardeningInput(settings, firewall, sshPort, reach.lifetime !== undefined),
      name: "hardening",
      clock: true,
    };
    const system = hostCommand(name, "hardening", input, reach, {
      parent: this,
      dependsOn,
    });
    this.ready = system;
    this.skipped = system.stdout.apply((text) => (JSON.parse(text) as { skipped?: string[] }).skipped ?? []);
    this.registerOutputs({ skipped: this.skipped });
  }
}
