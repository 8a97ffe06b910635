import type { JsonMap } from "./compose/json.ts";

/** A name and path under which a service answered before. */
export interface Address {
  /** Empty: the stack's own domain, whatever it is. */
  host: string;
  path: string;
  /** Whether the old proxy took the path off before it asked the service. */
  strip: boolean;
}

/** What a file of another kind than Compose's says of a service, in the stack's own words. */
export interface Facts {
  /** Where it answers HTTP; absent: it doesn't. */
  port?: number;
  addresses: Address[];
  /** Settings of each of its routes. */
  route: JsonMap;
  /** Settings of its health, before those that its own check says. */
  health: JsonMap;
  /** Settings of the application that its web process makes. */
  app: JsonMap;
  /** Variables that are secrets, whatever their names are: variable → name of the secret. */
  secrets: Readonly<Record<string, string>>;
  /** Names and addresses under which others reach it, beside its own name. */
  hosts: string[];
}
