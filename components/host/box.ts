import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { toCpus } from "../../config/units.ts";
import { healthcheck } from "../service/hardened.ts";
import { sshKey } from "./ssh-key.ts";

/** Arguments of a {@link Box}. */
export interface BoxArgs {
  /** Image by digest, built from `images/box`. */
  image: pulumi.Input<string>;
  /** Mebibytes. */
  memory: number;
  cpus?: number;
  /** Ports of this machine's loopback that lead to the box. */
  ports: { ssh: number; http: number; https: number };
  /** Docker network of this machine on which the registry answers. */
  network: string;
}

/**
 * A VPS in a container on this machine's Docker engine: systemd, sshd, a Docker engine of its own, cron.
 * It stands in for a rented server, and everything else treats it as one.
 */
export class Box extends pulumi.ComponentResource {
  /** Private key that may log in as root (OpenSSH format, secret). */
  readonly privateKey: pulumi.Output<string>;
  /** Public host key, to be pinned: `ssh-ed25519 AAAA…`. */
  readonly hostKey: pulumi.Output<string>;
  /** The container; everything on the box is deleted with it. */
  readonly container: docker.Container;

  constructor(name: string, args: BoxArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fairlead:index:Box", name, {}, opts);
    const host = this.key(`${name}-host-key`);
    const login = this.key(`${name}-login-key`);
    const image = new docker.RemoteImage(name, { name: args.image, keepLocally: true }, { parent: this });
    const engine = new docker.Volume(`${name}-engine`, { labels: [MANAGED] }, { parent: this });
    const parts = {
      image: image.imageId,
      engine: engine.name,
      hostKey: host.privateKey,
      loginKey: login.publicKey,
    };
    this.container = new docker.Container(name, boxContainer(name, args, parts), {
      parent: this,
      deleteBeforeReplace: true,
      replaceOnChanges: ["healthcheck", "tmpfs"],
      // The engine turns systempaths into something else; after a refresh it would look like a change and replace the box.
      ignoreChanges: ["securityOpts"],
      customTimeouts: { create: "3m" },
    });
    this.privateKey = login.privateKey;
    this.hostKey = host.publicKey;
    this.registerOutputs({ hostKey: this.hostKey });
  }

  private key(name: string): { privateKey: pulumi.Output<string>; publicKey: pulumi.Output<string> } {
    const seed = new random.RandomBytes(name, { length: 32 }, { parent: this });
    const pair = pulumi.secret(seed.base64).apply(sshKey);
    return { privateKey: pair.privateKey, publicKey: pulumi.unsecret(pair.publicKey) };
  }
}

/** What the container of a box is made from, besides its arguments. */
interface BoxParts {
  image: pulumi.Input<string>;
  /** Volume of the inner Docker engine. */
  engine: pulumi.Input<string>;
  /** Private half (OpenSSH format). */
  hostKey: pulumi.Input<string>;
  /** Public half. */
  loginKey: pulumi.Input<string>;
}

function boxContainer(
  name: string,
  { memory, cpus, network, ports }: BoxArgs,
  parts: BoxParts,
): docker.ContainerArgs {
  return {
    image: parts.image,
    hostname: name,
    memory,
    memorySwap: memory,
    cpus: cpus === undefined ? undefined : toCpus(cpus),
    restart: "unless-stopped",
    cgroupnsMode: "private",
    capabilities: { adds: CAPABILITIES },
    securityOpts: ["seccomp=unconfined", "apparmor=unconfined", "systempaths=unconfined"],
    tmpfs: { "/run": "rw,mode=755", "/run/lock": "rw", "/tmp": "rw,mode=1777" },
    stopSignal: "SIGRTMIN+3",
    networksAdvanced: [{ name: network }],
    ports: [published(22, ports.ssh), published(80, ports.http), published(443, ports.https)],
    volumes: [{ volumeName: parts.engine, containerPath: "/var/lib/docker" }],
    uploads: [
      { file: "/etc/ssh/fairlead_host_ed25519_key", content: parts.hostKey, permissions: "0600" },
      {
        file: "/root/.ssh/authorized_keys",
        content: pulumi.interpolate`${parts.loginKey}\n`,
        permissions: "0600",
      },
    ],
    healthcheck: healthcheck(["CMD-SHELL", READY], { interval: 3, timeout: 10, retries: 40 }),
    labels: [MANAGED],
    wait: true,
    waitTimeout: 120,
    destroyGraceSeconds: 10,
  };
}

function published(internal: number, external: number): docker.types.input.ContainerPort {
  return { internal, external, ip: "127.0.0.1", protocol: "tcp" };
}

const MANAGED = { label: "managed-by", value: "fairlead" };

/** Asked every few seconds for as long as the box lives, so it must cost next to nothing: no Docker client is started. */
const READY =
  "systemctl is-system-running --quiet && curl -fsS -o /dev/null --unix-socket /run/docker.sock http://docker/_ping";

/** What systemd and a nested Docker engine need where `--privileged` is not allowed. Without SYS_TIME: a box shares the clock of this machine and must not set it. */
const CAPABILITIES = [
  "AUDIT_WRITE",
  "DAC_READ_SEARCH",
  "IPC_LOCK",
  "LEASE",
  "LINUX_IMMUTABLE",
  "MKNOD",
  "NET_ADMIN",
  "NET_RAW",
  "SETPCAP",
  "SYSLOG",
  "SYS_ADMIN",
  "SYS_BOOT",
  "SYS_CHROOT",
  "SYS_MODULE",
  "SYS_NICE",
  "SYS_PTRACE",
].map((name) => `CAP_${name}`);
