import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CliError, exit, unsupported } from "../errors.ts";
import { openCrypter, newSalt, type Crypter } from "../secrets/crypter.ts";
import { passphraseFor } from "../secrets/passphrase.ts";
import { Backend, type StackRef } from "../state/backend.ts";
import { writeAtomically } from "../state/files.ts";
import { StackConfig } from "./config.ts";
import { backendPath, loadProject, pulumiHome, type Project } from "./project.ts";

/** What the CLI works on: a project, its backend, and the selected stack. */
export class Workspace {
  readonly project: Project;
  readonly backend: Backend;
  readonly interactive: boolean;
  readonly #folder: string;

  constructor(folder: string, interactive: boolean) {
    this.#folder = folder;
    this.project = loadProject(folder);
    this.backend = new Backend(backendPath(this.project));
    this.interactive = interactive;
  }

  /** Reads `dev`, `organization/dev` or `organization/project/dev`. */
  parse(name: string): StackRef {
    const parts = name.split("/");
    const stack = parts.at(-1) ?? "";
    if (parts.length > 3 || (parts.length > 1 && parts[0] !== "organization")) {
      throw new CliError(`stack "${name}": expected <name> or organization/<project>/<name>`, exit.usage);
    }
    if (!/^[\w.-]{1,100}$/.test(stack)) {
      throw new CliError(
        `stack name "${stack}": expected up to 100 letters, digits, "-", "_" or "."`,
        exit.usage,
      );
    }
    return { project: parts.length === 3 ? (parts[1] ?? "") : this.project.name, name: stack };
  }

  /** The stack of `--stack`, PULUMI_STACK or `pulumi stack select`; it must exist. */
  stack(name: string | undefined): StackRef {
    const chosen = name ?? process.env["PULUMI_STACK"] ?? this.selected();
    if (!chosen) {
      throw new CliError(
        "no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one",
        exit.stackNotFound,
      );
    }
    const ref = this.parse(chosen);
    if (ref.project !== this.project.name) throw unsupported(`a stack of the other project "${ref.project}"`);
    if (!this.backend.exists(ref)) this.backend.load(ref);
    return ref;
  }

  #settingsFile(): string {
    const id = createHash("sha1").update(this.project.file).digest("hex");
    return join(pulumiHome(), "workspaces", `${this.project.name}-${id}-workspace.json`);
  }

  selected(): string | undefined {
    const file = this.#settingsFile();
    if (!existsSync(file)) return undefined;
    return (JSON.parse(readFileSync(file, "utf8")) as { stack?: string }).stack || undefined;
  }

  select(ref: StackRef | undefined): void {
    writeAtomically(this.#settingsFile(), JSON.stringify({ stack: ref?.name ?? "" }));
  }

  /** @param file instead of the stack's own; relative to the working folder */
  config(ref: StackRef, file?: string): StackConfig {
    return new StackConfig(
      this.project,
      ref.name,
      file === undefined ? undefined : resolve(this.#folder, file),
    );
  }

  /** The crypter of a stack's config; a stack without a salt gets one. */
  async crypter(ref: StackRef, config: StackConfig): Promise<Crypter> {
    const { salt } = config;
    if (salt !== undefined) return this.open(ref, salt);
    const passphrase = await passphraseFor(ref.name, this.interactive, true);
    config.salt = await newSalt(passphrase);
    config.save();
    return openCrypter(passphrase, config.salt);
  }

  /** The crypter of a salt, from the config or a checkpoint. */
  async open(ref: StackRef, salt: string): Promise<Crypter> {
    return openCrypter(await passphraseFor(ref.name, this.interactive), salt);
  }
}
