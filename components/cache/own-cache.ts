import type * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../config/load.ts";
import { ownCacheHost, ownCacheRow, ownCaches, type OwnCache as Own } from "../../config/own-caches.ts";
import { SERVICES } from "../../config/services.ts";
import { derived, secretValue, type SecretValue } from "../lib/secret-value.ts";
import type { Server } from "../host/server.ts";
import { credential, secretUrl, type Credential } from "../service/credential.ts";
import { Service } from "../service/service.ts";
import { PORT, redis, SHARED } from "./redis.ts";

/** Arguments of an {@link OwnCache}. */
export interface OwnCacheArgs {
  server: Server;
  own: Own;
  /** Image by digest: that of the stack's cache. */
  image: pulumi.Input<string>;
  /** The stack's, from which its own is made. */
  master: SecretValue;
}

/** A Redis that is one application's own (decision 0056): its password is no other's, and its data outlives the setting. */
export class OwnCache extends Service {
  readonly credential: Credential;

  constructor({ server, own, image, master }: OwnCacheArgs, opts?: pulumi.ComponentResourceOptions) {
    const { name, settings } = own;
    const host = ownCacheHost(name);
    const password = derived(master, `redis ${name}`);
    const place = {
      row: ownCacheRow(own),
      folder: `${server.root}/caches/${name}`,
      // No other volume of a stack has three underscores: no name of an application or volume holds one.
      volume: { name: `${name}_redis_data`, path: "/data", keptFor: host },
      restarts: true,
    };
    super(host, redis({ server, settings, image, password }, place), opts, "fairlead:index:OwnCache");
    const url = (text: string): string => `redis://${SHARED}:${text}@${host}:${PORT}/0`;
    this.credential = credential(SERVICES.cache.provides.variable, url, password, this.ready, {
      url: secretUrl(url, password),
      host,
      port: String(PORT),
      user: SHARED,
    });
    this.registerOutputs({});
  }
}

/** Redis of single applications, by application. */
export function declareOwnCaches(
  { apps, infrastructure, secrets }: Pick<Settings, "apps" | "infrastructure" | "secrets">,
  server: Server,
): Record<string, OwnCache> {
  const made = ownCaches(apps).map((own): [string, OwnCache] => {
    const master = secretValue(secrets, SERVICES.cache.provides.password);
    return [own.app, new OwnCache({ server, own, image: infrastructure.cache!, master })];
  });
  return Object.fromEntries(made);
}
