import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Cache as Settings } from "../config/schema/data.ts";
import { credential, type Credential } from "./credential.ts";
import { hardened, healthcheck, IGNORED_BY_PROVIDER, readOnlyMount } from "./hardened.ts";
import { hostCommand } from "./host-command.ts";
import { redisConf } from "./render/cache.ts";
import type { SecretValue } from "./secret-value.ts";
import { dataVolume, onServer, type Server } from "./server.ts";

/** Arguments of a {@link Cache}. */
export interface CacheArgs {
  server: Server;
  settings: Settings;
  /** Image by digest. */
  image: pulumi.Input<string>;
  /** Password of the applications (`REDIS_PASSWORD`, C4). */
  password: SecretValue;
}

/** Redis with AOF and RDB on a data volume (C1–C7); old and new passwords overlap while releases change. */
export class Cache extends pulumi.ComponentResource {
  /** `REDIS_URL` for applications (A6). */
  readonly credential: Credential;

  constructor(
    name: string,
    { server, settings, image, password }: CacheArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("fairlead:index:Cache", name, {}, opts);
    const directory = `${server.root}/cache`;
    const containerName = `${server.name}_redis`;
    const conf = redisConf(settings);
    const files = hostCommand(
      `${name}-files`,
      {
        verb: "apply",
        undo: "remove",
        input: {
          name: "cache",
          directories: [
            { path: directory, mode: "0711", purge: true },
            { path: `${directory}/conf`, mode: "0755" },
          ],
          files: [{ path: `${directory}/conf/redis.conf`, mode: "0644", content: conf }],
        },
      },
      server,
      { parent: this },
    );
    // Before the container: Redis doesn't start without its ACL file. Each password is a resource of its own.
    const input = {
      directory,
      container: containerName,
      fingerprint: password.fingerprint,
      password: password.value,
    };
    const allowed = hostCommand(
      `${name}-password-${password.fingerprint}`,
      { verb: "allow", undo: "disallow", input },
      server,
      { parent: this, dependsOn: files },
    );
    const container = this.container(name, {
      server,
      settings,
      image,
      containerName,
      conf,
      dependsOn: files,
      directory,
    });
    const gate = { container: containerName, pids: 128, within: 60, id: container.id };
    const ready = hostCommand(`${name}-gate`, { verb: "gate", input: gate }, server, {
      parent: this,
      dependsOn: [container, allowed],
    });
    this.credential = credential("REDIS_URL", (text) => `redis://:${text}@redis:6379/0`, password, ready);
    this.registerOutputs({});
  }

  private container(
    name: string,
    args: {
      server: Server;
      settings: Settings;
      image: pulumi.Input<string>;
      containerName: string;
      conf: string;
      directory: string;
      dependsOn: pulumi.Resource;
    },
  ): docker.Container {
    const { server, settings } = args;
    const image = new docker.RemoteImage(
      name,
      { name: args.image, keepLocally: true },
      onServer(server, this),
    );
    const volume = dataVolume(name, `${server.name}_redis_data`, server, this);
    return new docker.Container(
      name,
      {
        ...hardened({
          memory: settings.memory * 1.5,
          cpus: settings.cpus,
          stop: 30,
          service: "redis",
          app: server.name,
        }),
        name: args.containerName,
        image: image.imageId,
        user: "redis",
        command: ["redis-server", "/usr/local/etc/redis/redis.conf"],
        networksAdvanced: [{ name: server.network, aliases: ["redis"] }],
        volumes: [{ volumeName: volume.name, containerPath: "/data" }],
        mounts: [readOnlyMount(`${args.directory}/conf`, "/usr/local/etc/redis")],
        healthcheck: healthcheck(["CMD-SHELL", PING], { interval: 10, timeout: 5, retries: 5 }),
      },
      onServer(server, this, {
        deleteBeforeReplace: true,
        replaceOnChanges: IGNORED_BY_PROVIDER,
        dependsOn: args.dependsOn,
      }),
    );
  }
}

/** A user that may do nothing but PING (C7): the check authenticates, writes nothing and knows no password. */
const PING = "redis-cli --no-auth-warning --user health --pass health ping | grep -q PONG";
