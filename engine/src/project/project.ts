import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { CliError, messageOf, unsupported } from "../errors.ts";
import { OFFICIAL_CLI } from "../version.ts";

/** A Pulumi.yaml. */
export interface Project {
  name: string;
  /** The folder of Pulumi.yaml. */
  root: string;
  file: string;
  /** Where the program is (`main`). */
  programFolder: string;
  /** Where the stacks' config files are (`stackConfigDir`). */
  configFolder: string;
  backend: string | undefined;
  nodeArgs: string[];
  typescript: boolean;
  tsconfig: string | undefined;
}

interface ProjectFile {
  name?: unknown;
  runtime?:
    string | { name?: string; options?: { nodeargs?: string; typescript?: boolean; tsconfig?: string } };
  main?: string;
  stackConfigDir?: string;
  backend?: { url?: string };
  config?: Record<string, unknown>;
  plugins?: unknown;
  options?: unknown;
}

/** Finds and reads the project of a folder or one above it. */
export function loadProject(from: string): Project {
  const file = findFile(from);
  let content: ProjectFile;
  try {
    content = parse(readFileSync(file, "utf8")) as ProjectFile;
  } catch (error) {
    throw new CliError(`${file}: ${messageOf(error)}`);
  }
  const { name, runtime, main = ".", config } = content;
  if (typeof name !== "string" || !/^[\w.-]{1,100}$/.test(name)) {
    throw new CliError(
      `${file}: expected "name" to be letters, digits, "-", "_" or ".", found ${JSON.stringify(name)}`,
    );
  }
  const runtimeName = typeof runtime === "string" ? runtime : runtime?.name;
  if (runtimeName !== "nodejs") throw unsupported(`${file}: the runtime "${runtimeName ?? "none"}"`);
  if (config && Object.keys(config).length > 0)
    throw unsupported(`${file}: "config" with project-wide values`);
  if (content.plugins) throw unsupported(`${file}: "plugins"`);
  const options = typeof runtime === "string" ? {} : (runtime?.options ?? {});
  const root = dirname(file);
  const program = resolve(root, main);
  return {
    name,
    root,
    file,
    programFolder:
      existsSync(join(program, "package.json")) || !/\.[cm]?[jt]s$/.test(program)
        ? program
        : dirname(program),
    configFolder: resolve(root, content.stackConfigDir ?? "."),
    backend: content.backend?.url,
    nodeArgs: (options.nodeargs ?? "").split(/\s+/).filter(Boolean),
    typescript: options.typescript ?? true,
    tsconfig: options.tsconfig,
  };
}

function findFile(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    for (const name of ["Pulumi.yaml", "Pulumi.yml"]) {
      if (existsSync(join(folder, name))) return join(folder, name);
    }
    if (folder === dirname(folder)) {
      throw new CliError(
        `no Pulumi.yaml project file found (searching upwards from ${from}). If you have not created a project yet, ` +
          `use \`pulumi new\` with ${OFFICIAL_CLI} to do so`,
      );
    }
  }
}

/** The folder of the CLI's own files. */
export const pulumiHome = (): string => process.env["PULUMI_HOME"] || join(homedir(), ".pulumi");

/**
 * The folder of a project's `file://` backend: PULUMI_BACKEND_URL, then `backend.url` in Pulumi.yaml, then where
 * `pulumi login` of the official CLI went. Relative paths start at the project.
 */
export function backendPath(project: Project | undefined): string {
  const url = process.env["PULUMI_BACKEND_URL"] || project?.backend || loggedIn();
  if (!url) {
    throw new CliError(
      "no state backend: set PULUMI_BACKEND_URL=file://<folder>, or backend.url in Pulumi.yaml (the embedded engine " +
        "keeps state in files only)",
    );
  }
  if (!url.startsWith("file://")) throw unsupported(`the state backend ${url}`);
  const path = url.slice("file://".length).replace(/^~(?=\/|$)/, homedir()) || ".";
  return resolve(project?.root ?? process.cwd(), path);
}

function loggedIn(): string | undefined {
  const file = join(pulumiHome(), "credentials.json");
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { current?: string }).current;
}
