import * as command from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { asset, assetTree } from "../lib/assets.ts";
import type { Claim } from "./claim.ts";
import { hostCommand, toolFor, type Reach } from "../lib/host-command.ts";
import type { HostInputs } from "../../config/host/index.ts";
import { fill } from "../lib/fill.ts";
import { sortedJson } from "../lib/sorted-json.ts";
import type { Locked, TakeServer } from "./server-lock.ts";

/** Arguments of a {@link Host}. */
export interface HostArgs {
  address: string;
  port: number;
  user: string;
  /** Public host key; the connection is refused when the server shows another. */
  hostKey: pulumi.Input<string>;
  /** Private key in OpenSSH format; without it the SSH agent is asked. */
  privateKey?: pulumi.Input<string>;
  /** Seconds. */
  connectTimeout: number;
  /** Folder of the system: `/opt/<name>`. */
  root: string;
  timezone: string;
  /** Bytes of swap. */
  swap?: number;
  packages: string[];
  /** Whether all packages are brought up to date before anything else (H4). */
  update: boolean;
  /** Folder for the files that the `ssh` client of the docker provider needs, relative to the project. */
  identityFolder: string;
  /** The box that this host is, if it is one. */
  lifetime?: pulumi.Resource;
  /** What the stack says of itself to the server. */
  claim: Claim;
  take: TakeServer;
  /** Lets the server pull what is built on this machine; absent where it pulls nothing from here. */
  offer?: (server: Pick<Locked, "ssh" | "tool">) => Promise<void>;
}

/** Where the host is, who logs in and with what key. */
export type HostLogin = Pick<HostArgs, "address" | "port" | "user" | "hostKey" | "privateKey" | "lifetime">;

/** How a server is reached over SSH, as the stack's outputs say it. */
export interface Access {
  host: string;
  port: number;
  user: string;
  /** File of the private key; without it the SSH agent is asked. */
  identity?: string;
  /** File with the pinned host key. */
  knownHosts: string;
  /** The command of the host tools. */
  tool: string;
}

/**
 * A Debian or Ubuntu server over SSH with a pinned host key: host tools, packages, time zone, swap, base folders.
 */
export class Host extends pulumi.ComponentResource {
  readonly reach: Reach;
  /** `ssh://user@address:port`, for the docker provider. */
  readonly url: string;
  /** Options of the `ssh` client: pinned key, one shared connection. */
  readonly sshOptions: string[];
  /** The files that these options name. */
  readonly identity: pulumi.Resource;
  /** What a person types to log in. */
  readonly command: string;
  /** How it is reached, for programs. */
  readonly access: Access;
  /** Everything that uses the host depends on this. */
  readonly ready: pulumi.Resource;
  /** The host tools are there. */
  readonly tools: pulumi.Resource;

  constructor(name: string, args: HostArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fairlead:index:Host", name, {}, opts);
    this.url = `ssh://${args.user}@${args.address}:${args.port}`;
    this.sshOptions = sshOptions(args);
    this.identity = this.identityFiles(name, args);
    // Part of the state: a second state of the same stack is another owner.
    const { result: id } = new random.RandomUuid(`${name}-owner`, {}, { parent: this });
    const take = this.taking(args);
    // Before the tools are touched, where there are some already.
    const begun = pulumi.all([id, this.identity.urn]).apply(async ([owner]) => take(owner, "maybe"));
    const connection = this.connection(args);
    this.access = accessOf(args);
    this.command = commandFor(this.access);
    const tools = this.bootstrap(`${name}-tools`, { ...args, connection, owner: begun });
    const ownerId = pulumi.all([begun, tools.urn]).apply(async ([owner]) => {
      await take(owner, "there");
      // Before the Docker engine and everything that pulls.
      await args.offer?.({ ssh: this.sshArguments(args), tool: toolFor(args.user) });
      return owner;
    });
    this.reach = { connection, tool: toolFor(args.user), lifetime: args.lifetime, ownerId };
    this.tools = args.update ? this.updates(`${name}-updates`, tools) : tools;
    const options = { parent: this, dependsOn: this.tools };
    const base = hostCommand(`${name}-base`, "files", baseOf(args), this.reach, options);
    this.ready = args.swap === undefined ? base : this.swap(`${name}-swap`, args.swap, base);
    this.registerOutputs({ url: this.url });
  }

  private taking(args: HostArgs): (owner: string, tools: "maybe" | "there") => Promise<string> {
    const ssh = this.sshArguments(args);
    return async (owner, tools) => {
      await args.take({ ssh, tool: toolFor(args.user), ownerId: owner }, tools);
      return owner;
    };
  }

  /** Of the client up to the remote command. */
  private sshArguments({ port, user, address }: HostArgs): string[] {
    return [...this.sshOptions, "-p", String(port), `${user}@${address}`];
  }

  private connection(args: HostArgs): Reach["connection"] {
    return pulumi.output({
      host: args.address,
      port: args.port,
      user: args.user,
      hostKey: args.hostKey,
      privateKey: args.privateKey,
      perDialTimeout: args.connectTimeout,
      dialErrorLimit: 5,
    });
  }

  /** Key and pinned host key as files: the docker provider runs the `ssh` client, which reads nothing else. */
  private identityFiles(name: string, args: HostArgs): pulumi.Resource {
    const hostName = args.port === 22 ? args.address : `[${args.address}]:${args.port}`;
    return new command.local.Command(
      `${name}-identity`,
      {
        create: `sh assets/local/write-identity.sh ${args.identityFolder}`,
        update: `sh assets/local/write-identity.sh ${args.identityFolder}`,
        delete: `sh assets/local/remove-identity.sh ${args.identityFolder}`,
        stdin: args.privateKey === undefined ? "" : pulumi.output(args.privateKey).apply(withNewline),
        environment: { KNOWN_HOSTS: pulumi.interpolate`${hostName} ${args.hostKey}` },
        addPreviousOutputInEnv: false,
        logging: "stderr",
      },
      { parent: this, dependsOn: args.lifetime },
    );
  }

  /** Claims the server, and brings the tools; what it may find there depends on whether the stack has been here before. */
  private bootstrap(
    name: string,
    args: HostArgs & { connection: Reach["connection"]; owner: pulumi.Output<string> },
  ): pulumi.Resource {
    const files = {
      ...assetTree("host/fairlead"),
      "bootstrap.sh": asset("host/bootstrap.sh"),
      "fairlead-rollback.service": asset("host/etc/fairlead-rollback.service"),
    };
    return new command.remote.Command(
      name,
      {
        connection: args.connection,
        create: fill(files["bootstrap.sh"], { when: "create" }),
        update: fill(files["bootstrap.sh"], { when: "update" }),
        delete: asset("host/remove-tools.sh"),
        stdin: args.owner.apply((id) =>
          sortedJson({ ...files, "claim.json": sortedJson({ ...args.claim, id }) }),
        ),
        addPreviousOutputInEnv: false,
        logging: "stderr",
      },
      { parent: this, deletedWith: args.lifetime, dependsOn: args.lifetime },
    );
  }

  private updates(name: string, tools: pulumi.Resource): pulumi.Resource {
    return hostCommand(name, "updates", {}, this.reach, {
      parent: this,
      dependsOn: tools,
    });
  }

  private swap(name: string, bytes: number, base: pulumi.Resource): pulumi.Resource {
    const input = { bytes, file: "/swapfile" };
    return hostCommand(name, "swap", input, this.reach, {
      parent: this,
      dependsOn: base,
    });
  }
}

/** The files are relative to the project's folder. */
function accessOf({ address, port, user, privateKey, identityFolder }: HostArgs): Access {
  return {
    host: address,
    port,
    user,
    identity: privateKey === undefined ? undefined : `${identityFolder}/identity`,
    knownHosts: `${identityFolder}/known_hosts`,
    tool: toolFor(user),
  };
}

function commandFor({ host, port, user, identity, knownHosts }: Access): string {
  const key = identity === undefined ? "" : ` -i ${identity}`;
  return `ssh -p ${port}${key} -o UserKnownHostsFile=${knownHosts} ${user}@${host}`;
}

/** `config set` takes the last newline off what it reads, and OpenSSH can't read a key file without one. */
function withNewline(key: string): string {
  return key.endsWith("\n") ? key : `${key}\n`;
}

/** Options of the `ssh` client: the pinned key only, one shared connection, never a question. */
function sshOptions(args: HostArgs): string[] {
  const key =
    args.privateKey === undefined
      ? []
      : ["-i", `${args.identityFolder}/identity`, "-o", "IdentitiesOnly=yes"];
  const options = [
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    `UserKnownHostsFile=${args.identityFolder}/known_hosts`,
    "ControlMaster=auto",
    "ControlPersist=60",
    "ControlPath=/tmp/fairlead-%C",
    `ConnectTimeout=${args.connectTimeout}`,
  ];
  return [...key, ...options.flatMap((option) => ["-o", option])];
}

/** Packages, time zone and folders, as the host tools want them. */
function baseOf(args: HostArgs): HostInputs["files"] {
  return {
    name: "base",
    packages: [...new Set(["ca-certificates", "logrotate", "openssl", "tzdata", ...args.packages])].sort(),
    directories: [
      { path: args.root, mode: "0755" },
      { path: `${args.root}/secrets`, mode: "0700", purge: true },
      { path: `${args.root}/backups`, mode: "0700" },
    ],
    files: [{ path: "/etc/timezone", mode: "0644", content: `${args.timezone}\n` }],
    links: [{ path: "/etc/localtime", target: `/usr/share/zoneinfo/${args.timezone}` }],
  };
}
