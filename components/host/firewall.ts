import * as pulumi from "@pulumi/pulumi";
import type { Firewall as Settings } from "../../config/schema/firewall.ts";
import { confirmedCommand, type Reach } from "../lib/host-command.ts";
import { firewallRules, sshRules } from "./render/firewall.ts";

/** Arguments of a {@link Firewall}. */
export interface FirewallArgs {
  reach: Reach;
  settings: Settings;
  /** Port on which sshd listens on the server itself. */
  sshPort: number;
  /** Whether the edge also answers QUIC on 443/udp. */
  http3: boolean;
  /** Kernel settings that UFW loads at each start, when the stack declares some. */
  sysctl?: string;
  dependsOn: pulumi.Resource[];
}

/** UFW, with everything closed except SSH, 80, 443 and the declared ports, and the DOCKER-USER chain (H8, H9). */
export class Firewall extends pulumi.ComponentResource {
  /** The new rules are there and confirmed. */
  readonly ready: pulumi.Resource;

  constructor(name: string, args: FirewallArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fairlead:index:Firewall", name, {}, opts);
    this.ready = confirmedCommand(
      name,
      "firewall",
      {
        ...firewallRules(args.settings, args.sshPort, args.http3),
        ssh: sshRules(args.settings, args.sshPort),
        sysctl: args.sysctl,
        packages: ["iptables", "ufw"],
        within: args.settings.confirmWithin,
      },
      args.reach,
      { parent: this, dependsOn: args.dependsOn },
    );
    this.registerOutputs({});
  }
}
