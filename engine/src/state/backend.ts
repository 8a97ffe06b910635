import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { CliError, exit, messageOf, unsupported } from "../errors.ts";
import { OFFICIAL_CLI } from "../version.ts";
import type { JsonObject } from "../values/codec.ts";
import { writeAtomically } from "./files.ts";

/** Names a stack in a backend. */
export interface StackRef {
  project: string;
  name: string;
}

/** The official name with organization, as it is written into checkpoints. */
export const qualified = (ref: StackRef): string => `organization/${ref.project}/${ref.name}`;

/** A project-scoped `file://` backend: the folder `.pulumi` below a path. */
export class Backend {
  /** `file://…`, as people see it. */
  readonly url: string;
  readonly #root: string;

  /** @param path absolute folder @throws CliError when the folder holds another layout than this one */
  constructor(path: string) {
    this.url = `file://${path}`;
    this.#root = join(path, ".pulumi");
    const meta = join(this.#root, "meta.yaml");
    if (existsSync(meta)) {
      const version = /^version:\s*(\d+)/m.exec(readFileSync(meta, "utf8"))?.[1];
      if (version === "1") return;
      throw new CliError(`${meta}: expected version 1 of the state layout, found ${version ?? "none"}`);
    }
    const old = join(this.#root, "stacks");
    if (existsSync(old) && readdirSync(old).some((name) => name.endsWith(".json"))) {
      throw new CliError(
        `${old}: stacks without a project; run \`pulumi state upgrade\` with ${OFFICIAL_CLI} first`,
      );
    }
  }

  stackFile(ref: StackRef): string {
    return join(this.#root, "stacks", ref.project, `${ref.name}.json`);
  }

  historyFolder(ref: StackRef): string {
    return join(this.#root, "history", ref.project, ref.name);
  }

  lockFolder(ref: StackRef): string {
    return join(this.#root, "locks", qualified(ref));
  }

  exists(ref: StackRef): boolean {
    return existsSync(this.stackFile(ref));
  }

  create(ref: StackRef): void {
    if (this.exists(ref)) throw new CliError(`stack '${ref.name}' already exists`);
    const meta = join(this.#root, "meta.yaml");
    if (!existsSync(meta)) writeAtomically(meta, "version: 1\n");
    this.save(ref, { stack: qualified(ref) });
  }

  /** The stacks of a project, by name. */
  list(project: string): string[] {
    const folder = join(this.#root, "stacks", project);
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
    return names.map((name) => name.slice(0, -".json".length)).sort();
  }

  /** The deployment in a stack's checkpoint, undefined before its first update. */
  load(ref: StackRef): JsonObject | undefined {
    const path = this.stackFile(ref);
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      if (existsSync(`${path}.gz`) || existsSync(`${path}.zst`)) {
        throw unsupported(`${path}.*: a compressed checkpoint`);
      }
      throw new CliError(`no stack named '${ref.name}' found`, exit.stackNotFound);
    }
    try {
      const text = bytes[0] === 0x1f ? gunzipSync(bytes) : bytes;
      const { version, checkpoint } = JSON.parse(text.toString("utf8")) as {
        version?: number;
        checkpoint?: { latest?: JsonObject };
      };
      if (version !== 3 || typeof checkpoint !== "object") {
        throw new Error(`expected a checkpoint of version 3, found version ${version ?? "none"}`);
      }
      return checkpoint.latest;
    } catch (error) {
      throw this.corrupted(ref, messageOf(error));
    }
  }

  /** The error for a damaged checkpoint, with what to do about it. */
  corrupted(ref: StackRef, reason: string): CliError {
    const path = this.stackFile(ref);
    const backup = `${path}.bak`;
    const remedy = existsSync(backup)
      ? `the state before the last write is ${backup} (${statSync(backup).mtime.toISOString()}): ` +
        `look at it, then copy it over ${basename(path)}`
      : `there is no backup ${backup}; see the checkpoints in ${this.historyFolder(ref)}`;
    return new CliError(`${path} is corrupted and was not used: ${reason}\n  ${remedy}`);
  }

  /** Writes the checkpoint, keeping the one before as `.bak`. */
  save(ref: StackRef, checkpoint: JsonObject): void {
    this.saveText(ref, JSON.stringify({ version: 3, checkpoint }), false);
  }

  /** As {@link save}, for text that is put together elsewhere. */
  saveText(ref: StackRef, text: string, durable: boolean): void {
    writeAtomically(this.stackFile(ref), text, { backup: true, durable });
  }

  remove(ref: StackRef): void {
    const path = this.stackFile(ref);
    for (const suffix of [".attrs", ".bak", ".bak.attrs", ""]) rmSync(path + suffix, { force: true });
    rmSync(this.historyFolder(ref), { recursive: true, force: true });
    rmSync(this.lockFolder(ref), { recursive: true, force: true });
  }

  /** Records a finished update and a copy of its checkpoint. */
  addHistory(ref: StackRef, entry: JsonObject): void {
    const folder = this.historyFolder(ref);
    mkdirSync(folder, { recursive: true });
    const prefix = join(folder, `${ref.name}-${process.hrtime.bigint() + clockOffset}`);
    writeAtomically(`${prefix}.checkpoint.json`, readFileSync(this.stackFile(ref), "utf8"));
    writeAtomically(`${prefix}.history.json`, JSON.stringify(entry));
  }

  /** The recorded updates, newest first. */
  history(ref: StackRef): JsonObject[] {
    const folder = this.historyFolder(ref);
    if (!existsSync(folder)) return [];
    const names = readdirSync(folder).filter((name) => name.endsWith(".history.json"));
    return names
      .sort()
      .reverse()
      .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as JsonObject);
  }
}

/** From the monotonic clock to nanoseconds since 1970: history files sort by time and never collide. */
const clockOffset = BigInt(Date.now()) * 1_000_000n - process.hrtime.bigint();
