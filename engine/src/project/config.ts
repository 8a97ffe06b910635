import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Document, isMap, isSeq, parseDocument } from "yaml";
import { CliError, exit, unsupported } from "../errors.ts";
import type { Crypter } from "../secrets/crypter.ts";
import { writeAtomically } from "../state/files.ts";
import type { Json, JsonObject } from "../values/codec.ts";
import { parsePath } from "../values/path.ts";
import type { Project } from "./project.ts";

/** A config value as the program and `pulumi config` see it: text (JSON for structures), decrypted. */
export interface ConfigEntry {
  value: string;
  secret: boolean;
  /** The structure, for values that are objects or arrays. */
  object?: Json;
}

const secure = (value: unknown): value is { secure: string } =>
  typeof value === "object" &&
  value !== null &&
  Object.keys(value).length === 1 &&
  typeof (value as { secure?: unknown }).secure === "string";

/** As the official CLI (yaml.v3) writes it: `[a, b]` and `{a: b}` without padding, lines never folded. */
const STYLE = { lineWidth: 0, flowCollectionPadding: false };

/** A stack's Pulumi.<stack>.yaml. Edits keep comments and order. */
export class StackConfig {
  readonly file: string;
  readonly #document: Document;
  readonly #project: string;

  /** @param file another file than the stack's own (`--config-file`) */
  constructor(project: Project, stack: string, file?: string) {
    this.#project = project.name;
    this.file = file ?? join(project.configFolder, `Pulumi.${stack}.yaml`);
    const text = existsSync(this.file) ? readFileSync(this.file, "utf8") : "";
    this.#document = parseDocument(text);
    const [problem] = this.#document.errors;
    if (problem) throw new CliError(`${this.file}: ${problem.message}`, exit.usage);
    const provider = this.#document.get("secretsprovider") as string | undefined;
    if (provider && provider !== "passphrase")
      throw unsupported(`${this.file}: the secrets provider "${provider}"`);
    for (const field of ["environment", "encryptedkey"]) {
      if (this.#document.has(field)) throw unsupported(`${this.file}: "${field}"`);
    }
  }

  /** `encryptionsalt` */
  get salt(): string | undefined {
    return this.#document.get("encryptionsalt") as string | undefined;
  }

  set salt(value: string) {
    this.#document.set("encryptionsalt", value);
  }

  get hasSecrets(): boolean {
    return JSON.stringify(this.raw()).includes('"secure":');
  }

  /** The values as they are in the file, by full key. */
  raw(): JsonObject {
    const config = (this.#document.toJS() as { config?: JsonObject } | null)?.config ?? {};
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [this.fullKey(key), value]));
  }

  /** All values by full key, sorted. Without a crypter secrets read "[secret]". */
  entries(crypter?: Crypter): Record<string, ConfigEntry> {
    const raw = this.raw();
    const read = (key: string): [string, ConfigEntry] => [key, entryOf(raw[key] ?? null, crypter)];
    return Object.fromEntries(Object.keys(raw).sort().map(read));
  }

  /** `release` → `project:release` */
  fullKey(key: string): string {
    const legacy = /^([^:]+):config:(.+)$/.exec(key);
    if (legacy) return `${legacy[1]}:${legacy[2]}`;
    return key.includes(":") ? key : `${this.#project}:${key}`;
  }

  /** The key as it is in the file: the project's own keys may be there without its name. */
  #stored(key: string): string {
    const bare = key.startsWith(`${this.#project}:`) ? key.slice(this.#project.length + 1) : key;
    return this.#document.hasIn(["config", bare]) ? bare : key;
  }

  #path(key: string, asPath: boolean): (string | number)[] {
    if (!asPath) return ["config", this.#stored(this.fullKey(key))];
    const colon = /^([\w.-]+):/.exec(key);
    const [head, ...rest] = parsePath(colon ? key.slice(colon[0].length) : key);
    const namespace = colon ? colon[1] : this.#project;
    return ["config", this.#stored(`${namespace}:${head ?? ""}`), ...rest];
  }

  /** @param crypter given for secrets: the value is stored encrypted */
  set(key: string, value: string, options: { path: boolean; crypter?: Crypter | undefined }): void {
    const { path, crypter } = options;
    const scalar = crypter ? { secure: crypter.encrypt(value) } : path ? parseScalar(value) : value;
    const place = this.#path(key, path);
    if (!isMap(this.#document.get("config"))) this.#document.set("config", this.#document.createNode({}));
    // Structures on the way are made as maps or lists, by what the next step of the path is.
    for (let depth = 3; depth < place.length + 1 && place.length > 2; depth++) {
      const parent = place.slice(0, depth - 1);
      const node = this.#document.getIn(parent);
      if (isMap(node) || isSeq(node)) continue;
      this.#document.setIn(parent, this.#document.createNode(typeof place[depth - 1] === "number" ? [] : {}));
    }
    this.#document.setIn(place, this.#document.createNode(scalar));
  }

  get(key: string, path: boolean, crypter?: Crypter): ConfigEntry | undefined {
    const [, head = "", ...rest] = this.#path(key, path);
    const place = [this.fullKey(String(head)), ...rest];
    let value: Json | undefined = this.raw();
    for (const part of place) {
      if (typeof value !== "object" || value === null || secure(value)) return undefined;
      value = (value as Record<string | number, Json>)[part];
    }
    return value === undefined ? undefined : entryOf(value, crypter);
  }

  remove(key: string, path: boolean): void {
    const place = this.#path(key, path);
    if (this.#document.hasIn(place)) this.#document.deleteIn(place);
  }

  save(): void {
    const config = this.#document.get("config");
    if (isMap(config) && config.items.length === 0) this.#document.delete("config");
    const empty = !isMap(this.#document.contents) || this.#document.contents.items.length === 0;
    if (empty && !existsSync(this.file)) return;
    const text = empty ? "" : this.#document.toString(STYLE);
    writeAtomically(this.file, text, { mode: 0o644, keep: true, durable: true });
  }

  delete(): void {
    rmSync(this.file, { force: true });
  }
}

function entryOf(value: Json, crypter: Crypter | undefined): ConfigEntry {
  let secret = false;
  const open = (v: Json): Json => {
    if (secure(v)) {
      secret = true;
      return crypter ? crypter.decrypt(v.secure) : "[secret]";
    }
    if (Array.isArray(v)) return v.map(open);
    if (typeof v !== "object" || v === null) return v;
    return Object.fromEntries(Object.entries(v).map(([k, inner]) => [k, open(inner)]));
  };
  const plain = open(value);
  if (typeof plain === "object" && plain !== null)
    return { value: JSON.stringify(plain), secret, object: plain };
  return { value: plain === null ? "" : String(plain), secret };
}

/** With a path, numbers and booleans keep their type, as in the official CLI. */
function parseScalar(value: string): string | number | boolean {
  if (value === "true" || value === "false") return value === "true";
  return /^(0|-?[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
}
