import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import Docker from "dockerode";
import { confirm } from "../lib/confirm.ts";
import { UserError } from "../lib/errors.ts";
import { startDaemon } from "./daemon.ts";
import {
  ensurePackages,
  inContainer,
  missingPackages,
  type Package,
  type PackageOptions,
} from "./packages.ts";

/** How the engine is set up. */
export interface DockerOptions extends PackageOptions {
  /** Whether images are built from Debian's packages on this machine, which takes mmdebstrap. Default: yes. */
  debianImages?: boolean;
}

const ENGINE: Package[] = [
  { name: "docker.io", provides: "dockerd", elsewhere: { dnf: "moby-engine" } },
  { name: "iptables", provides: "iptables", elsewhere: { dnf: "iptables-nft" } },
  // Where the kernel has AppArmor, and Debian's has, the engine starts nothing without its parser.
  { name: "apparmor", provides: "apparmor_parser" },
  { name: "mount", provides: "mount" },
  { name: "ca-certificates", provides: "/etc/ssl/certs/ca-certificates.crt" },
];

const TOOLS: Package[] = [
  { name: "openssh-client", provides: "ssh", elsewhere: { brew: "openssh", dnf: "openssh-clients" } },
];

const DEBIAN_TOOLS: Package[] = [
  { name: "mmdebstrap", provides: "mmdebstrap", debian: true },
  {
    name: "debian-archive-keyring",
    provides: "/usr/share/keyrings/debian-archive-keyring.gpg",
    debian: true,
  },
];

/**
 * Makes sure that a Docker engine answers, and that the programs are there which work with it. Says what is missing
 * and asks before it changes the machine, unless `yes` says otherwise or this is root in a container.
 *
 * @returns what was done, for the summary; nothing when everything was there
 * @throws UserError with the remedy: no right to use the engine, a `DOCKER_HOST` that doesn't answer, no root, a
 *   failing installation, or an engine that doesn't start (with its last log lines)
 */
export async function ensureDocker(options: DockerOptions): Promise<string[]> {
  const tools = [...TOOLS, ...((options.debianImages ?? true) ? DEBIAN_TOOLS : [])];
  const state = await engineState();
  if (state === "answers") return ensurePackages(tools, "Missing on this machine:", options);
  refuseForeign(state);

  const packages = [...ENGINE, ...tools];
  const why = "No Docker engine answers on this machine. To run one it needs";
  if (missingPackages(packages).length === 0) {
    if (process.getuid?.() !== 0) {
      throw new UserError(
        "The Docker engine is installed but not running, and only root can start it.",
        "Type: sudo systemctl start docker (without systemd: sudo dockerd &)",
      );
    }
    await confirm("The Docker engine is installed but not running. Start it?", {
      yes: options.yes || inContainer(),
    });
  }
  const done = await ensurePackages(packages, why, options);
  if ((await engineState()) === "answers") return [...done, "started the Docker engine"];
  options.onProgress("starting the Docker engine");
  const how = await startDaemon(async () => (await engineState()) === "answers");
  return [...done, how, ...(await storageNote())];
}

/** What came of asking the engine: an answer, no engine, or no right to ask. */
export type EngineState = "answers" | "absent" | "forbidden";

/** How long an engine may take to say that it is there, seconds; a busy one takes a few. */
const PATIENCE = 30;

/**
 * Asks the engine at `DOCKER_HOST`, or at this machine's socket, whether it is there.
 * @throws UserError when it takes the question and never answers: starting another one would not help
 */
export async function engineState(
  docker: Pick<Docker, "ping"> = new Docker(),
  seconds = PATIENCE,
): Promise<EngineState> {
  try {
    const answer = await Promise.race([
      docker.ping().then(() => "answered"),
      sleep(seconds * 1000, "late", { ref: false }),
    ]);
    if (answer === "answered") return "answers";
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    return code === "EACCES" || code === "EPERM" ? "forbidden" : "absent";
  }
  throw new UserError(
    `The Docker engine takes questions but does not answer within ${seconds} s.`,
    "Look at its log (journalctl -u docker) and restart it: sudo systemctl restart docker",
  );
}

function refuseForeign(state: EngineState): void {
  const host = process.env.DOCKER_HOST;
  if (host) {
    throw new UserError(
      `DOCKER_HOST is ${host}, and no Docker engine answers there.`,
      "Start that engine, or unset DOCKER_HOST to use one on this machine.",
    );
  }
  if (state === "forbidden") {
    throw new UserError(
      "A Docker engine is here, but this user may not use it (/var/run/docker.sock: permission denied).",
      `Type: sudo usermod --append --groups docker ${process.env.USER ?? "$USER"}, and log in again; or run this as root.`,
    );
  }
  if (process.platform !== "linux") {
    throw new UserError(
      `No Docker engine answers, and on ${process.platform} it can't be installed from here.`,
      "Start Docker Desktop or another engine, and run the same command again.",
    );
  }
}

/** Without overlayfs the engine copies every layer; who wonders about the disk should know. */
async function storageNote(): Promise<string[]> {
  const { Driver } = (await new Docker({ timeout: PATIENCE * 1000 }).info()) as { Driver: string };
  const where = existsSync("/.dockerenv") ? "; a volume on /var/lib/docker helps" : "";
  return Driver === "vfs" ? [`the engine keeps images as plain copies (vfs), which takes disk${where}`] : [];
}
