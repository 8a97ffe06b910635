import { isUnknown } from "./kamal/secrets.ts";
import type { OldCache, OldDatabase } from "./stores.ts";

/** The stores of the old stack. */
export interface Stores {
  databases: readonly OldDatabase[];
  caches: readonly OldCache[];
}

/** A variable of an application: plain text (with templates), or a secret with its value where it is known. */
export type Setting =
  { text: string; uses?: "database" | "cache"; from?: OldDatabase | OldCache } | { secret: string };

const SECRET_NAME =
  /(^|_)(PASSWORD|PASSWD|PASSPHRASE|PASS|PWD|SECRETS?|TOKEN|APIKEY|KEY|CREDENTIALS?|SALT|DSN|PAT)(_BASE)?$|SECRET_KEY|PRIVATE_KEY|_SECRET_|API_KEY/;
const HARMLESS_NAME = /PUBLIC|PUBLISHABLE|_(FILE|PATH|DIR|URL|HEADER|LENGTH|TTL|EXPIRY|LIFETIME|NAME|ID)$/;
/** Values that are switches and figures rather than secrets. */
const HARMLESS_VALUE = /^(true|false|yes|no|on|off|none|null|\d{1,5})$/i;

/** Whether a variable holds a secret: by its name, or because its value is an address with a password in it. */
export function isSecret(name: string, value: string): boolean {
  if (/^[a-z][a-z0-9+.-]*:\/\/[^/@\s]*:[^/@\s]+@/i.test(value)) return true;
  const upper = name.toUpperCase();
  return SECRET_NAME.test(upper) && !HARMLESS_NAME.test(upper) && !HARMLESS_VALUE.test(value);
}

const DATABASE_NAME = /DB|DATABASE|PG|POSTGRES|SQL/i;
const CACHE_NAME = /REDIS|VALKEY|CACHE|QUEUE|BROKER/i;

/** What a variable becomes in the stack. */
export function setting(name: string, value: string, { databases, caches }: Stores): Setting {
  for (const database of databases) {
    const text = databaseText(name, value, database);
    if (text !== undefined) return { text, uses: "database", from: database };
  }
  for (const cache of caches) {
    const text = cacheText(name, value, cache);
    if (text !== undefined) return { text, uses: "cache", from: cache };
  }
  return isSecret(name, value) ? { secret: value } : { text: literal(value) };
}

/** A value that names nothing, as the stack file spells it (docs/data.md): neither a template nor a variable of a shell. */
export const literal = (value: string): string =>
  value.replaceAll("{{", "{{{{").replaceAll(/(?<!\$)\$\{(?=[A-Za-z_]\w*([:?+-][^}]*)?\})/g, "$$$${");

const URL_FORM =
  /^([a-z][a-z0-9+.:-]*):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^:/?#]+)(?::(\d+))?(?:\/([^?#]*))?(.*)$/i;

function databaseText(name: string, value: string, old: OldDatabase): string | undefined {
  const [, scheme = "", user, , host, , , query = ""] = URL_FORM.exec(value) ?? [];
  if (host !== undefined && old.hosts.includes(host)) {
    if (/^postgres(ql)?$/.test(scheme)) return `{{database.url}}${query}`;
    const login = user === undefined ? "" : "{{database.user}}:{{database.password}}@";
    return `${scheme}://${login}{{database.host}}:{{database.port}}/{{database.name}}${query}`;
  }
  const words = value.split(/\s+/);
  if (words.some((word) => old.hosts.some((one) => word === `host=${one}`)))
    return words.map(keyword).join(" ");
  if (isUnknown(value) && /^(DATABASE|POSTGRES(QL)?|PG)_URL$/.test(name)) return "{{database.url}}";
  if (old.hosts.includes(value) && !/URL$/.test(name) && isAddress(name, DATABASE_NAME, value))
    return "{{database.host}}";
  if (old.hosts.some((one) => value === `${one}:5432`)) return "{{database.host}}:{{database.port}}";
  if (!DATABASE_NAME.test(name)) return undefined;
  if (/PORT$/i.test(name) && value === "5432") return "{{database.port}}";
  if (/USER(NAME)?$/i.test(name) && value === old.user) return "{{database.user}}";
  if (/PASS(WORD|WD)?$|PWD$/i.test(name) && value === (old.password ?? "")) return "{{database.password}}";
  if (/(NAME|DATABASE|_DB|DBNAME)$/i.test(name) && value === old.name) return "{{database.name}}";
  return undefined;
}

/** A keyword of libpq's connection string, `host=db`. */
function keyword(word: string): string {
  const key = word.split("=")[0]!;
  const known: Record<string, string> = {
    host: "host",
    port: "port",
    user: "user",
    password: "password",
    dbname: "name",
  };
  return known[key] ? `${key}={{database.${known[key]}}}` : word;
}

/** Other services may have the same address, unless it is a plain name of one. */
const isAddress = (name: string, kind: RegExp, host: string): boolean =>
  kind.test(name) || (/HOST|SERVER|ADDR/i.test(name) && !/[.:]/.test(host));

function cacheText(name: string, value: string, old: OldCache): string | undefined {
  const [, scheme = "", , , host, , path = "", query = ""] = URL_FORM.exec(value) ?? [];
  if (host !== undefined && /^(redis|valkey)s?$/.test(scheme) && old.hosts.includes(host))
    return /^0?$/.test(path)
      ? `{{cache.url}}${query}`
      : `redis://{{cache.user}}:{{cache.password}}@{{cache.host}}:{{cache.port}}/${path}${query}`;
  if (isUnknown(value) && /^(REDIS|VALKEY|CACHE)_URL$/.test(name)) return "{{cache.url}}";
  if (old.hosts.includes(value) && isAddress(name, CACHE_NAME, value)) return "{{cache.host}}";
  if (old.hosts.some((one) => value === `${one}:6379`)) return "{{cache.host}}:{{cache.port}}";
  if (!CACHE_NAME.test(name)) return undefined;
  if (/PORT$/i.test(name) && value === "6379") return "{{cache.port}}";
  if (/PASS(WORD)?$/i.test(name) && value === (old.password ?? "")) return "{{cache.password}}";
  return undefined;
}
