import { existsSync, lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { UserError } from "../lib/errors.ts";
import { ROOT } from "../lib/workspace.ts";

/** The one package of 84 MB that most stacks never load. */
const NAME = "@pulumi/aws";

/** How long npm may take, minutes. */
const MINUTES = 15;

/** Whether a stack uses AWS: its stack file sets something of that provider, such as `aws:region`. */
export function needsAws(config: Record<string, unknown> | undefined): boolean {
  return Object.keys(config ?? {}).some((key) => key.startsWith("aws:"));
}

/**
 * Installs the pinned `@pulumi/aws` unless that version is there. It is a peer dependency of the project, and `.npmrc`
 * says `omit=peer`: `npm ci` leaves it out, the lock file pins it, and this adds it to what is installed.
 *
 * @returns what was done, for the summary; nothing when nothing was missing
 * @throws UserError when npm can't install it
 */
export async function ensureAws(onProgress: (line: string) => void, root = ROOT): Promise<string[]> {
  const version = pinnedVersion(root);
  if (installedVersion(root) === version) return [];
  if (lstatSync(join(root, "node_modules")).isSymbolicLink())
    throw new UserError(
      `This stack needs ${NAME} ${version}, and node_modules is a link to another checkout.`,
      "Run npm run setup for this stack in the checkout that the link leads to.",
    );
  onProgress(`npm install ${NAME} ${version}`);
  const args = ["install", "--no-save", "--include=peer", "--no-audit", "--no-fund", "--loglevel=error"];
  const { failed, all } = await execa("npm", args, {
    cwd: root,
    stdin: "ignore",
    all: true,
    timeout: MINUTES * 60_000,
    reject: false,
  });
  if (failed || installedVersion(root) !== version)
    throw new UserError(
      `This stack needs ${NAME} ${version}, and npm did not install it:\n${all.trim().split("\n").slice(-8).join("\n")}`,
      `Look whether the registry answers (npm ping), then type: npm ${args.slice(0, 3).join(" ")}`,
    );
  return [`installed ${NAME} ${version}`];
}

function pinnedVersion(root: string): string {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string } | undefined>;
  };
  return lock.packages[`node_modules/${NAME}`]!.version;
}

function installedVersion(root: string): string | undefined {
  const file = join(root, "node_modules", NAME, "package.json");
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
