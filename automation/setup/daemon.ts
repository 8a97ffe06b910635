import { spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname } from "node:path";
import { execa } from "execa";
import { UserError } from "../lib/errors.ts";
import { SYSTEM_PATH } from "./packages.ts";

const LOG = "/var/log/dockerd.log";

/** Files by which an engine knows that it already runs, and the program whose process they name. */
const PID_FILES: readonly (readonly [string, string])[] = [
  ["/var/run/docker.pid", "dockerd"],
  ["/var/run/docker/containerd/containerd.pid", "containerd"],
];

/**
 * Starts the Docker engine of this machine: as a service where systemd runs, else in the background with its log in a
 * file; then waits for it.
 *
 * @param answers whether the engine answers by now
 * @returns what was done, for the summary
 * @throws UserError with the last log lines when it ends, or doesn't answer within a minute
 */
export async function startDaemon(answers: () => Promise<boolean>): Promise<string> {
  PID_FILES.forEach(([path, program]) => removeStale(path, program));
  if (existsSync("/run/systemd/system")) {
    const { failed, all } = await execa("systemctl", ["enable", "--now", "docker.service"], {
      reject: false,
      all: true,
      stdin: "ignore",
      timeout: 300_000,
    });
    if (failed || !(await within(60, answers))) throw notStarted(String(all), "journalctl -u docker");
    return "started the Docker engine as a service";
  }
  await writableControlGroups();
  mkdirSync(dirname(LOG), { recursive: true });
  const log = openSync(LOG, "a");
  const child = spawn("dockerd", [], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, PATH: SYSTEM_PATH.join(delimiter) },
  });
  let ended = false;
  child.on("exit", () => (ended = true));
  child.on("error", () => (ended = true));
  child.unref();
  const up = await within(60, async () => ended || (await answers()));
  if (!up || ended) throw notStarted(readFileSync(LOG, "utf8"), LOG);
  return `started the Docker engine in the background (log: ${LOG})`;
}

/**
 * Removes a file with the number of a process when that process isn't the program any more. After a machine or a
 * container was killed, the number can belong to another process, and the engine would refuse to start.
 *
 * @returns whether it was stale
 */
export function removeStale(path: string, program: string, proc = "/proc"): boolean {
  if (!existsSync(path)) return false;
  const pid = readFileSync(path, "utf8").trim();
  const command = `${proc}/${pid}/comm`;
  if (/^\d+$/.test(pid) && existsSync(command) && readFileSync(command, "utf8").trim() === program)
    return false;
  rmSync(path);
  return true;
}

/** Mount points of control groups that are read-only, from the text of /proc/self/mountinfo (proc(5)). */
export function readOnlyControlGroups(mountinfo: string): string[] {
  return mountinfo.split("\n").flatMap((line) => {
    const [, , , , target = "", options = ""] = line.split(" ");
    const type = line.split(" - ")[1]?.split(" ")[0] ?? "";
    return type.startsWith("cgroup") && options.split(",").includes("ro") ? [target] : [];
  });
}

/** In a container they may be read-only; the engine needs to write there. */
async function writableControlGroups(): Promise<void> {
  for (const target of readOnlyControlGroups(readFileSync("/proc/self/mountinfo", "utf8"))) {
    const { failed, stderr, shortMessage } = await execa("mount", ["-o", "remount,bind,rw", target], {
      reject: false,
      timeout: 60_000,
      env: { PATH: SYSTEM_PATH.join(delimiter) },
    });
    if (!failed) continue;
    throw new UserError(
      `A Docker engine can't run here: ${target} is read-only (${stderr || shortMessage}).`,
      "Give this container the machine's engine (--volume /var/run/docker.sock:/var/run/docker.sock), or start it with --privileged.",
    );
  }
}

async function within(seconds: number, done: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    if (await done()) return true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return false;
}

function notStarted(log: string, where: string): UserError {
  const last = log.trim().split("\n").slice(-6).join("\n");
  const remedy = /iptables/i.test(last)
    ? "Its firewall rules failed: try update-alternatives --set iptables /usr/sbin/iptables-legacy, and run the same command again."
    : `Look at ${where}, and run the same command again once the engine starts.`;
  return new UserError(`The Docker engine didn't start:\n${last}`, remedy);
}
