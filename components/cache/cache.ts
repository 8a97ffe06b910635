import type * as pulumi from "@pulumi/pulumi";
import type { Cache as Settings } from "../../config/schema/data.ts";
import { SERVICES } from "../../config/services.ts";
import { credential, secretUrl, type Credential } from "../service/credential.ts";
import { redisConf } from "./redis-conf.ts";
import { derived, type SecretValue } from "../lib/secret-value.ts";
import type { Server } from "../host/server.ts";
import { Service, type ServiceArgs, type ServiceFiles } from "../service/service.ts";

/** Arguments of a {@link Cache}. */
export interface CacheArgs {
  server: Server;
  settings: Settings;
  /** Image by digest. */
  image: pulumi.Input<string>;
  /** Password of the applications (`REDIS_PASSWORD`, C4); those of users of their own are made from it. */
  password: SecretValue;
  /** Applications with a user of their own, and the prefix of its keys. */
  own: Readonly<Record<string, string>>;
}

/** Redis with AOF and RDB on a data volume (C1–C7); old and new passwords overlap while releases change. */
export class Cache extends Service {
  /** `REDIS_URL` for applications (A6). */
  readonly credential: Credential;
  /** Credentials of users that are one application's own, by application. */
  readonly own: Readonly<Record<string, Credential>>;

  constructor(name: string, args: CacheArgs, opts?: pulumi.ComponentResourceOptions) {
    super(name, redis(args), opts, "fairlead:index:Cache");
    const { alias, provides } = SERVICES.cache;
    const url = (text: string): string => `redis://:${text}@${alias}:${PORT}/0`;
    this.credential = credential(provides.variable, url, args.password, this.ready, {
      // With the user's name: redis-cli and others take an empty one for a name, and Redis refuses that (WRONGPASS).
      url: secretUrl((text) => `redis://${SHARED}:${text}@${alias}:${PORT}/0`, args.password),
      host: alias,
      port: String(PORT),
      user: SHARED,
    });
    this.own = Object.fromEntries(
      Object.entries(args.own).map(([app, prefix]) => [app, this.ownUser(app, prefix, args)]),
    );
    this.registerOutputs({});
  }

  /** A user for the keys with that prefix; its password comes from the stack's, and changes with it. */
  private ownUser(
    app: string,
    prefix: string,
    { server, settings, password: master }: CacheArgs,
  ): Credential {
    // With another prefix it is another entry of the same user: while releases change, it reaches the keys of both.
    const purpose = prefix === `${app}:` ? `cache ${app}` : `cache ${app} ${prefix}`;
    const password = derived(master, purpose);
    const user = `app-${app}`;
    const input = {
      directory: folderOf(server),
      container: this.containerName,
      fingerprint: password.fingerprint,
      password: password.value,
      user,
      prefix,
      policy: settings.policy,
    };
    const ready = this.call(`${app}-user-${password.fingerprint}`, "cache-user", input, this.ready);
    const { alias: host, provides } = SERVICES.cache;
    const url = (text: string): string => `redis://${user}:${text}@${host}:${PORT}/0`;
    return credential(provides.variable, url, password, ready, {
      url: secretUrl(url, password),
      host,
      port: String(PORT),
      user,
      prefix,
    });
  }
}

const PORT = 6379;

/** The user that all share who have none of their own. */
const SHARED = "default";

function folderOf({ root }: Server): string {
  return `${root}/cache`;
}

function redis({ server, settings, image, password }: CacheArgs): ServiceArgs {
  const folder = folderOf(server);
  return {
    server,
    row: SERVICES.cache,
    image,
    limits: { memory: settings.memory * 1.5, cpus: settings.cpus, pids: 128, stop: 30 },
    user: "redis",
    command: ["redis-server", "/usr/local/etc/redis/redis.conf"],
    files: (service) => prepare(service, folder, settings, password),
    mounts: [{ source: `${folder}/conf`, target: "/usr/local/etc/redis" }],
    volume: { name: "redis_data", path: "/data" },
    health: { test: ["CMD-SHELL", PING], interval: 10, timeout: 5, retries: 5 },
    within: 60,
  };
}

/** The configuration, then the password: Redis doesn't start without its ACL file. Each password is a resource of its own. */
function prepare(
  service: Service,
  folder: string,
  settings: Settings,
  { fingerprint, value }: SecretValue,
): pulumi.Resource[] {
  const files = service.writeFiles(configuration(folder, settings));
  const input = { directory: folder, container: service.containerName, fingerprint, password: value };
  return [files, service.call(`password-${fingerprint}`, "cache-password", input, files)];
}

function configuration(folder: string, settings: Settings): ServiceFiles {
  return {
    directories: [
      { path: folder, mode: "0711", purge: true },
      { path: `${folder}/conf`, mode: "0755" },
    ],
    files: [{ path: `${folder}/conf/redis.conf`, mode: "0644", content: redisConf(settings) }],
  };
}

/** A user that may do nothing but PING (C7): the check authenticates, writes nothing and knows no password. */
const PING = "redis-cli --no-auth-warning --user health --pass health ping | grep -q PONG";
