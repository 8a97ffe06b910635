import { none, pass, skip, type About, type Check, type Severity, type Verdict } from "../../check.ts";
import { nameOf, published, type Container, type DockerEvidence } from "./container.ts";
import { excuse } from "./exceptions.ts";

/** A point that every container must meet: what is wrong with one, or `undefined`. */
type Fault = (container: Container, about: About, evidence: DockerEvidence) => string | undefined | false;

/** Section 5 of the CIS Docker Benchmark 1.6.0, the points of docker-bench-security. */
function point(
  number: string,
  severity: Severity,
  title: string,
  remedy: string,
  fault: Fault,
  applies?: (evidence: DockerEvidence) => string | undefined,
): Check<DockerEvidence> {
  return {
    id: `docker.${number}`,
    title,
    severity,
    requirements: [`CIS ${number}`],
    remedy,
    judge: (evidence, about) => applied(applies?.(evidence)) ?? judge(number, fault, evidence, about),
  };
}

const applied = (reason: string | undefined): Verdict | undefined =>
  reason === undefined ? undefined : skip(reason);

function judge(number: string, fault: Fault, evidence: DockerEvidence, about: About): Verdict {
  if (evidence.containers.length === 0) return skip("no container runs");
  const excused = new Set<string>();
  const faults = evidence.containers.flatMap((container) => {
    const wrong = fault(container, about, evidence);
    if (!wrong) return [];
    const why = excuse(number, nameOf(container), wrong, about);
    if (why) excused.add(`${nameOf(container)}: ${why}`);
    return why ? [] : [`${nameOf(container)}: ${wrong}`];
  });
  const verdict = none(faults, `${evidence.containers.length} containers`);
  return verdict.result === "pass" && excused.size > 0
    ? pass(`${verdict.found}; by design ${reasons(excused)}`)
    : verdict;
}

/** One reason is told once, whatever the number of containers. */
function reasons(excused: Set<string>): string {
  return [...new Set([...excused].map((text) => text.slice(text.indexOf(": ") + 2)))].join("; ");
}

const SENSITIVE = /^\/(boot|dev|etc|lib|proc|sys|usr|root|var\/run|run)?(\/|$)/;
/** What a server process may need to bind low ports and to change to its own user. */
const CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "NET_BIND_SERVICE",
  "SETGID",
  "SETUID",
];
const has = ({ HostConfig }: Container, option: RegExp): boolean =>
  (HostConfig.SecurityOpt ?? []).some((one) => option.test(one));
const security = ({ info }: DockerEvidence, name: string): boolean =>
  (info.SecurityOptions ?? []).some((one) => one.includes(`name=${name}`));
const execs = ({ commands }: DockerEvidence): string[] =>
  commands.filter((line) => /\bdocker\s+(container\s+)?exec\b/.test(line));

export const benchChecks: Check<DockerEvidence>[] = [
  {
    id: "docker.5.1",
    title: "Swarm mode is off",
    severity: "medium",
    requirements: ["CIS 5.1"],
    remedy: "docker swarm leave --force",
    judge: ({ info }) =>
      none(
        info.Swarm?.LocalNodeState && info.Swarm.LocalNodeState !== "inactive"
          ? [info.Swarm.LocalNodeState]
          : [],
        "inactive",
      ),
  },
  point(
    "5.2",
    "low",
    "An AppArmor profile is enabled",
    "Remove apparmor=unconfined.",
    (one) => (one.AppArmorProfile === "" || one.AppArmorProfile === "unconfined") && "no profile",
    (evidence) => (security(evidence, "apparmor") ? undefined : "the kernel gives the engine no AppArmor"),
  ),
  point(
    "5.3",
    "low",
    "SELinux options are set",
    "Remove label=disable; make containers anew that are older than the engine's SELinux.",
    (one) => one.ProcessLabel === "" && "no label",
    (evidence) => (security(evidence, "selinux") ? undefined : "the engine runs without SELinux"),
  ),
  point(
    "5.4",
    "high",
    "Capabilities are dropped; only few are added",
    "cap_drop ALL, and add what the program needs.",
    ({ HostConfig: { CapAdd, CapDrop } }) => {
      const extra = (CapAdd ?? [])
        .map((name) => name.replace(/^CAP_/, ""))
        .filter((name) => !CAPABILITIES.includes(name));
      if (!(CapDrop ?? []).some((name) => /^(CAP_)?ALL$/.test(name))) return "capabilities are not dropped";
      return extra.length > 0 && `adds ${extra.join(", ")}`;
    },
  ),
  point(
    "5.5",
    "critical",
    "No container is privileged",
    "Remove --privileged.",
    ({ HostConfig }) => HostConfig.Privileged && "privileged",
  ),
  point(
    "5.6",
    "high",
    "No sensitive folder of the server is mounted",
    "Mount only what the program needs.",
    ({ Mounts }) => {
      const bad = Mounts.map(({ Source }) => Source).filter(
        (source) => SENSITIVE.test(source) && !source.includes("docker.sock"),
      );
      return bad.length > 0 && `mounts ${bad.join(", ")}`;
    },
  ),
  point(
    "5.7",
    "medium",
    "No SSH daemon runs in a container",
    "Use docker exec instead.",
    (one, _, { processes }) => (processes[nameOf(one)] ?? []).includes("sshd") && "sshd runs",
  ),
  point(
    "5.8",
    "medium",
    "No port below 1024 of the server is published",
    "Publish through the edge.",
    (one) => {
      const low = published(one).filter(({ port }) => port > 0 && port < 1024);
      return low.length > 0 && `publishes ${low.map(({ port }) => port).join(", ")}`;
    },
  ),
  point(
    "5.9",
    "high",
    "Only the edge publishes ports, and only 80 and 443",
    "Remove the published port; containers reach each other on the private network.",
    (one, about) => {
      const allowed = nameOf(one) === `${about.name}_nginx` ? [80, 443] : [];
      const extra = published(one).filter(
        ({ port, ip }) => !allowed.includes(port) && !/^127\.|^::1$/.test(ip),
      );
      return (
        extra.length > 0 && `publishes ${extra.map(({ port, ip }) => `${ip || "*"}:${port}`).join(", ")}`
      );
    },
  ),
  point(
    "5.10",
    "high",
    "The server's network is not shared",
    "Use the stack's own network.",
    ({ HostConfig }) => HostConfig.NetworkMode === "host" && "network host",
  ),
  point(
    "5.11",
    "medium",
    "Memory is limited",
    "Set a memory limit (A20).",
    ({ HostConfig }) => !HostConfig.Memory && "no memory limit",
  ),
  point(
    "5.12",
    "low",
    "CPU is limited",
    "Set a CPU limit (A20).",
    ({ HostConfig: { NanoCpus, CpuShares, CpuQuota } }) =>
      !NanoCpus && !CpuShares && !(CpuQuota > 0) && "no CPU limit",
  ),
  point(
    "5.13",
    "medium",
    "The root file system is read-only",
    "Set readOnly, and mount what must be written.",
    ({ HostConfig }) => !HostConfig.ReadonlyRootfs && "writable",
  ),
  point(
    "5.14",
    "medium",
    "Published ports are bound to one address",
    "Bind to 127.0.0.1, or don't publish.",
    (one) => {
      const open = published(one).filter(({ ip }) => ["", "0.0.0.0", "::"].includes(ip));
      return open.length > 0 && `${open.map(({ port }) => port).join(", ")} on every address`;
    },
  ),
  point(
    "5.15",
    "low",
    "Restarts are limited to five after failures",
    "restart: on-failure:5, or unless-stopped where H22 asks for it.",
    ({ HostConfig: { RestartPolicy } }) =>
      !(RestartPolicy.Name === "on-failure" && RestartPolicy.MaximumRetryCount <= 5) &&
      `${RestartPolicy.Name || "no policy"}`,
  ),
  point(
    "5.16",
    "high",
    "The server's processes are not shared",
    "Remove pid host.",
    ({ HostConfig }) => HostConfig.PidMode === "host" && "pid host",
  ),
  point(
    "5.17",
    "high",
    "The server's IPC is not shared",
    "Remove ipc host.",
    ({ HostConfig }) => HostConfig.IpcMode === "host" && "ipc host",
  ),
  point(
    "5.18",
    "high",
    "No device of the server is passed in",
    "Remove devices.",
    ({ HostConfig }) =>
      (HostConfig.Devices ?? []).length > 0 &&
      `devices ${HostConfig.Devices!.map(({ PathOnHost }) => PathOnHost).join(", ")}`,
  ),
  point(
    "5.19",
    "low",
    "Limits of open files and processes are the engine's own",
    "Remove ulimits, or set them for the engine.",
    ({ HostConfig }) =>
      (HostConfig.Ulimits ?? []).length > 0 &&
      `sets ${HostConfig.Ulimits!.map(({ Name, Hard }) => `${Name} ${Hard}`).join(", ")}`,
  ),
  point(
    "5.20",
    "high",
    "No mount is shared back to the server",
    "Mount with rprivate propagation.",
    ({ Mounts }) => Mounts.some(({ Propagation }) => /shared/.test(Propagation)) && "shared propagation",
  ),
  point(
    "5.21",
    "medium",
    "The server's host name space is not shared",
    "Remove uts host.",
    ({ HostConfig }) => HostConfig.UTSMode === "host" && "uts host",
  ),
  point(
    "5.22",
    "high",
    "The default seccomp profile is on",
    "Remove seccomp=unconfined.",
    (one) => has(one, /^seccomp[=:]unconfined/) && "seccomp unconfined",
  ),
  {
    id: "docker.5.23",
    title: "No docker exec runs privileged",
    severity: "medium",
    requirements: ["CIS 5.23"],
    remedy: "Run it without --privileged.",
    judge: (evidence) =>
      none(
        execs(evidence)
          .filter((line) => /--privileged/.test(line))
          .map(() => "docker exec --privileged"),
        "none runs, none in root's history",
      ),
  },
  {
    id: "docker.5.24",
    title: "No docker exec asks for root",
    severity: "low",
    requirements: ["CIS 5.24"],
    remedy: "Run it as the container's own user.",
    judge: (evidence) =>
      none(
        execs(evidence)
          .filter((line) => /(-u|--user)[ =]?(root|0)\b/.test(line))
          .map(() => "docker exec --user root"),
        "none runs, none in root's history",
      ),
  },
  point(
    "5.25",
    "low",
    "Control groups are the engine's own",
    "Remove cgroup-parent.",
    ({ HostConfig }) =>
      HostConfig.CgroupParent !== "" &&
      HostConfig.CgroupParent !== "docker" &&
      `below ${HostConfig.CgroupParent}`,
  ),
  point(
    "5.26",
    "high",
    "No process can gain privileges",
    "security_opt no-new-privileges",
    (one) => !has(one, /^no-new-privileges(?!.*false)/) && "may gain privileges",
  ),
  point(
    "5.27",
    "medium",
    "Health is checked",
    "Declare a health check (A17).",
    ({ Config }) =>
      (!Config.Healthcheck?.Test?.length || Config.Healthcheck.Test[0] === "NONE") && "no health check",
  ),
  point(
    "5.28",
    "medium",
    "The image is a known digest, not a moving tag",
    "Deploy repository@sha256:….",
    (one, _, { images }) => {
      const image = images[one.Image];
      return !(image && image.digests.length > 0) && `${one.Config.Image} has no digest`;
    },
  ),
  point(
    "5.29",
    "medium",
    "The number of processes is limited",
    "Set a PID limit.",
    ({ HostConfig }) => !((HostConfig.PidsLimit ?? 0) > 0) && "no PID limit",
  ),
  point(
    "5.30",
    "medium",
    "The default bridge is not used",
    "Use the stack's own network (H16).",
    ({ NetworkSettings }) => "bridge" in (NetworkSettings.Networks ?? {}) && "on docker0",
  ),
  point(
    "5.31",
    "high",
    "The server's user name space is not shared by force",
    "Remove userns host.",
    ({ HostConfig }) => HostConfig.UsernsMode === "host" && "userns host",
  ),
  point(
    "5.32",
    "critical",
    "The engine's socket is not mounted",
    "Remove the mount of docker.sock.",
    ({ Mounts }) =>
      Mounts.some(({ Source }) => /docker\.sock$|containerd\.sock$/.test(Source)) &&
      "mounts the engine's socket",
  ),
];
