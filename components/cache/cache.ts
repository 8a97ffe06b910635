import type * as pulumi from "@pulumi/pulumi";
import type { CacheUser } from "../../config/given.ts";
import type { Cache as Settings } from "../../config/schema/data.ts";
import { SERVICES } from "../../config/services.ts";
import { credential, secretUrl, type Credential } from "../service/credential.ts";
import { PORT, redis, SHARED } from "./redis.ts";
import { derived, type SecretValue } from "../lib/secret-value.ts";
import type { Server } from "../host/server.ts";
import { Service } from "../service/service.ts";

/** Arguments of a {@link Cache}. */
export interface CacheArgs {
  server: Server;
  settings: Settings;
  /** Image by digest. */
  image: pulumi.Input<string>;
  /** Password of the applications (`REDIS_PASSWORD`, C4); those of users of their own are made from it. */
  password: SecretValue;
  /** Applications with a user of their own. */
  own: Readonly<Record<string, CacheUser>>;
}

/** Redis with AOF and RDB on a data volume (C1–C7); old and new passwords overlap while releases change. */
export class Cache extends Service {
  /** `REDIS_URL` for applications (A6). */
  readonly credential: Credential;
  /** Credentials of users that are one application's own, by application. */
  readonly own: Readonly<Record<string, Credential>>;
  private readonly policy: string;

  constructor(name: string, args: CacheArgs, opts?: pulumi.ComponentResourceOptions) {
    const place = {
      row: SERVICES.cache,
      folder: folderOf(args.server),
      volume: { name: "redis_data", path: "/data" },
    };
    super(name, redis(args, place), opts, "fairlead:index:Cache");
    this.policy = args.settings.policy;
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
      Object.entries(args.own).map(([app, one]) => [app, this.ownUser(app, one, args)]),
    );
    this.registerOutputs({});
  }

  /** A user that sees figures of Redis, and no keys. */
  monitor(master: SecretValue): { user: string; password: SecretValue; ready: pulumi.Resource } {
    const password = derived(master, "cache figures");
    const input = {
      directory: folderOf(this.server),
      container: this.containerName,
      fingerprint: password.fingerprint,
      password: password.value,
      user: "metrics",
      prefix: "",
      policy: this.policy,
    };
    const ready = this.call(`metrics-user-${password.fingerprint}`, "cache-user", input, this.ready);
    return { user: input.user, password, ready };
  }

  /** A user for the keys with that prefix; its password comes from the stack's, and changes with it. */
  private ownUser(
    app: string,
    { prefix, scan }: CacheUser,
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
      scan: scan || undefined,
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

function folderOf({ root }: Server): string {
  return `${root}/cache`;
}
