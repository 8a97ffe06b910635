import * as pulumi from "@pulumi/pulumi";
import type { DeployUser, Ssh } from "../../config/schema/hardening.ts";
import { asset } from "../lib/assets.ts";
import { confirmedCommand, hostCommand, type Reach } from "../lib/host-command.ts";
import { fill } from "../lib/fill.ts";

/** Arguments of an {@link SshAccess}. */
export interface SshAccessArgs {
  reach: Reach;
  ssh: Ssh;
  deployUser: DeployUser;
  /** The user who connects; root may not log in any more once it is another. */
  user: string;
  /** Seconds in which a change of sshd must be confirmed. */
  confirmWithin: number;
  dependsOn: pulumi.Resource[];
}

/** Who comes in: an account that deploys without being root, and sshd with keys only (H10). */
export class SshAccess extends pulumi.ComponentResource {
  /** What builds on the server waits for these. */
  readonly ready: pulumi.Resource[];

  constructor(name: string, args: SshAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fairlead:index:SshAccess", name, {}, opts);
    const account = args.deployUser.enabled ? this.account(`${name}-account`, args) : undefined;
    const before = [...args.dependsOn, ...(account ? [account] : [])];
    const daemon = args.ssh.enabled ? this.daemon(`${name}-daemon`, args, before) : undefined;
    this.ready = [account, daemon].filter((one) => one !== undefined);
    this.registerOutputs({});
  }

  private account(name: string, { reach, deployUser, dependsOn }: SshAccessArgs): pulumi.Resource {
    const { name: user, keys } = deployUser;
    const sudoers = {
      path: "/etc/sudoers.d/60-fairlead",
      content: fill(asset("host/etc/sudoers"), { user }),
    };
    const input = { user, keys, sudoers, packages: ["sudo"] };
    return hostCommand(name, "account", input, reach, { parent: this, dependsOn });
  }

  private daemon(name: string, args: SshAccessArgs, dependsOn: pulumi.Resource[]): pulumi.Resource {
    const { maxAuthTries, maxStartups, maxSessions } = args.ssh;
    // Another way in is proven: this very update came by it.
    const root = args.user === "root" ? "prohibit-password" : "no";
    const content = fill(asset("host/etc/sshd.conf"), { root, maxAuthTries, maxStartups, maxSessions });
    return confirmedCommand(
      name,
      "sshd",
      { file: "/etc/ssh/sshd_config.d/00-fairlead.conf", content, within: args.confirmWithin },
      args.reach,
      { parent: this, dependsOn },
    );
  }
}
