import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa, ExecaError } from "execa";
import { confirm } from "../lib/confirm.ts";
import { UserError } from "../lib/errors.ts";

/** A Debian package, and the program or file by which one sees that it, or something as good, is there. */
export interface Package {
  name: string;
  /** Name of a program on the path, or an absolute path. */
  provides: string;
  /** What other systems call it; a system that isn't named here doesn't have it. */
  elsewhere?: Partial<Record<"brew" | "dnf", string>>;
  /** Only what is made from Debian's packages needs it. */
  debian?: boolean;
}

/** How packages are asked for and reported. */
export interface PackageOptions {
  /** Nobody needs to be asked. */
  yes: boolean;
  onProgress: (line: string) => void;
}

/** Where system programs are, even if the path of the caller leaves them out. */
export const SYSTEM_PATH = [
  ...(process.env.PATH ?? "").split(delimiter),
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
].filter(Boolean);

/** The packages whose program or file isn't on this machine. */
export function missingPackages(
  packages: readonly Package[],
  path: readonly string[] = SYSTEM_PATH,
): Package[] {
  return packages.filter(({ provides }) => !isThere(provides, path));
}

/** The command that installs packages, as arguments after `apt-get`. */
export function installArguments(packages: readonly Package[]): string[] {
  const names = packages.map(({ name }) => name).sort();
  return ["install", "--yes", "--no-install-recommends", ...names];
}

/**
 * Installs the packages that are missing, with one call of apt. Asks first, unless `yes` says otherwise or this is root
 * in a container, where nothing but the container can suffer.
 *
 * @param why what they are needed for, the beginning of the question
 * @returns what was done, for the summary; nothing when nothing was missing
 * @throws UserError when this isn't Debian, isn't root (with the command to type), or apt fails
 */
export async function ensurePackages(
  packages: readonly Package[],
  why: string,
  { yes, onProgress }: PackageOptions,
): Promise<string[]> {
  const missing = missingPackages(packages);
  if (missing.length === 0) return [];
  const names = missing.map(({ name }) => name).join(", ");
  const install = installArguments(missing);
  if (!isThere("apt-get", SYSTEM_PATH)) {
    throw new UserError(
      `${why} ${missing.map(({ provides }) => provides).join(", ")}, and this machine has no apt-get to install it.`,
      remedyElsewhere(missing),
    );
  }
  if (process.getuid?.() !== 0) {
    throw new UserError(
      `${why} ${names}, which only root can install.`,
      `Type: sudo apt-get update && sudo apt-get ${install.join(" ")}`,
    );
  }
  await confirm(`${why} ${names}. Install with apt-get?`, { yes: yes || inContainer() });
  onProgress("apt-get update");
  await apt(["update"], onProgress);
  onProgress(`apt-get install ${names}`);
  await apt(install, onProgress);
  const still = missingPackages(packages).map(({ name, provides }) => `${provides} of ${name}`);
  if (still.length > 0) {
    throw new UserError(
      `apt-get succeeded but ${still.join(", ")} is not there.`,
      "Look at dpkg --audit, and install the package by hand.",
    );
  }
  return [`installed ${names}`];
}

/** What to type on a system without apt, as far as it is known. */
export function remedyElsewhere(missing: readonly Package[], path: readonly string[] = SYSTEM_PATH): string {
  const manager = (["brew", "dnf"] as const).find((name) => isThere(name, path));
  const here = missing.flatMap(({ elsewhere }) => (manager && elsewhere?.[manager]) ?? []);
  const rest = missing.filter(({ elsewhere }) => !manager || elsewhere?.[manager] === undefined);
  const command = manager === "dnf" ? "sudo dnf install" : "brew install";
  const typed = here.length > 0 ? `Type: ${command} ${here.join(" ")}` : undefined;
  if (rest.length === 0) return `${typed}, and run the same command again.`;
  const names = rest.map(({ name }) => name).join(", ");
  const also = typed ? `${typed}. Also install` : "Install";
  const debian = rest.some(({ debian }) => debian)
    ? " Debian's tools are needed for a box, for images: debian and for the sample applications: a stack with an address, images: official and applications of your own needs none of them."
    : "";
  return `${also} what Debian calls ${names} in this machine's own way, and run the same command again.${debian}`;
}

/** Whether this process lives in a container: Docker and Podman leave a mark. */
export function inContainer(): boolean {
  return ["/.dockerenv", "/run/.containerenv"].some((path) => existsSync(path));
}

function isThere(provides: string, path: readonly string[]): boolean {
  if (provides.startsWith("/")) return existsSync(provides);
  return path.some((folder) => {
    try {
      accessSync(join(folder, provides), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Seconds to wait for who holds one of apt's locks: a fresh machine updates itself after it starts. */
const PATIENCE = 600;

/** Runs apt-get. `DPkg::Lock::Timeout` waits for dpkg's own locks only; the locks of the lists and of the downloads are tried again. */
async function apt(
  args: string[],
  say: (line: string) => void,
  deadline = Date.now() + PATIENCE * 1000,
): Promise<void> {
  try {
    await execa("apt-get", ["-qq", "-o", `DPkg::Lock::Timeout=${PATIENCE}`, ...args], {
      env: { DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C", PATH: SYSTEM_PATH.join(delimiter) },
      stdin: "ignore",
      all: true,
      // Locks and downloads; an apt that is killed later than this was never going to end.
      timeout: 2 * PATIENCE * 1000 + 20 * 60_000,
    });
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    if (String(error.all).includes("E: Could not get lock ") && Date.now() < deadline) {
      say("waiting for another apt-get on this machine");
      await sleep(5000);
      return apt(args, say, deadline);
    }
    const last = String(error.all).trim().split("\n").slice(-8).join("\n");
    throw new UserError(
      `apt-get ${args.join(" ")} failed:\n${last}`,
      "Correct the machine's package sources (/etc/apt) or its network, and run the same command again.",
      { cause: error },
    );
  }
}
