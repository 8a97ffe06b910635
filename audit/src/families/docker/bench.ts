import { check, none, skip, type Check, type Judge } from "../../check.ts";
import { nameOf, published, type Container, type DockerEvidence } from "./container.ts";
import { eachContainer } from "./each.ts";

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
/** Asks only where the engine has one of its security options. */
const where =
  (option: string, otherwise: string, judge: Judge<DockerEvidence>): Judge<DockerEvidence> =>
  (evidence, about, id) =>
    (evidence.info.SecurityOptions ?? []).some((one) => one.includes(`name=${option}`))
      ? judge(evidence, about, id)
      : skip(otherwise);
const execs = ({ commands }: DockerEvidence): string[] =>
  commands.filter((line) => /\bdocker\s+(container\s+)?exec\b/.test(line));

export const benchChecks: Check<DockerEvidence>[] = [
  check({
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
  }),
  check({
    id: "docker.5.2",
    title: "An AppArmor profile is enabled",
    severity: "low",
    requirements: ["CIS 5.2"],
    remedy: "Remove apparmor=unconfined.",
    judge: where(
      "apparmor",
      "the kernel gives the engine no AppArmor",
      eachContainer((one) => ["", "unconfined"].includes(one.AppArmorProfile) && "no profile"),
    ),
  }),
  check({
    id: "docker.5.3",
    title: "SELinux options are set",
    severity: "low",
    requirements: ["CIS 5.3"],
    remedy: "Remove label=disable; make containers anew that are older than the engine's SELinux.",
    judge: where(
      "selinux",
      "the engine runs without SELinux",
      eachContainer((one) => one.ProcessLabel === "" && "no label"),
    ),
  }),
  check({
    id: "docker.5.4",
    title: "Capabilities are dropped; only few are added",
    severity: "high",
    requirements: ["CIS 5.4"],
    remedy: "cap_drop ALL, and add what the program needs.",
    judge: eachContainer(({ HostConfig: { CapAdd, CapDrop } }) => {
      const extra = (CapAdd ?? [])
        .map((name) => name.replace(/^CAP_/, ""))
        .filter((name) => !CAPABILITIES.includes(name));
      if (!(CapDrop ?? []).some((name) => /^(CAP_)?ALL$/.test(name))) return "capabilities are not dropped";
      return extra.map((name) => `adds ${name}`);
    }),
  }),
  check({
    id: "docker.5.5",
    title: "No container is privileged",
    severity: "critical",
    requirements: ["CIS 5.5"],
    remedy: "Remove --privileged.",
    judge: eachContainer(({ HostConfig }) => HostConfig.Privileged && "privileged"),
  }),
  check({
    id: "docker.5.6",
    title: "No sensitive folder of the server is mounted",
    severity: "high",
    requirements: ["CIS 5.6"],
    remedy: "Mount only what the program needs.",
    judge: eachContainer(
      ({ Mounts }) =>
        Mounts.map(({ Source }) => Source).filter(
          (source) => SENSITIVE.test(source) && !source.includes("docker.sock"),
        ),
      (folders) => `mounts ${folders}`,
    ),
  }),
  check({
    id: "docker.5.7",
    title: "No SSH daemon runs in a container",
    severity: "medium",
    requirements: ["CIS 5.7"],
    remedy: "Use docker exec instead.",
    judge: eachContainer(
      (one, { processes }) => (processes[nameOf(one)] ?? []).includes("sshd") && "sshd runs",
    ),
  }),
  check({
    id: "docker.5.8",
    title: "No port below 1024 of the server is published",
    severity: "medium",
    requirements: ["CIS 5.8"],
    remedy: "Publish through the edge.",
    judge: eachContainer(
      (one) =>
        published(one)
          .filter(({ port }) => port > 0 && port < 1024)
          .map(({ port }) => String(port)),
      (ports) => `publishes ${ports}`,
    ),
  }),
  check({
    id: "docker.5.9",
    title: "Only the edge publishes ports, and only 80 and 443",
    severity: "high",
    requirements: ["CIS 5.9"],
    remedy: "Remove the published port; containers reach each other on the private network.",
    judge: eachContainer(
      (one) =>
        published(one)
          .filter(({ ip }) => !/^127\.|^::1$/.test(ip))
          .map(({ port }) => String(port)),
      (ports) => `publishes ${ports}`,
    ),
  }),
  check({
    id: "docker.5.10",
    title: "The server's network is not shared",
    severity: "high",
    requirements: ["CIS 5.10"],
    remedy: "Use the stack's own network.",
    judge: eachContainer(
      ({ HostConfig }) => HostConfig.NetworkMode === "host" && "host",
      (network) => `network ${network}`,
    ),
  }),
  check({
    id: "docker.5.11",
    title: "Memory is limited",
    severity: "medium",
    requirements: ["CIS 5.11"],
    remedy: "Set a memory limit (A20).",
    judge: eachContainer(({ HostConfig }) => !HostConfig.Memory && "no memory limit"),
  }),
  check({
    id: "docker.5.12",
    title: "CPU is limited",
    severity: "low",
    requirements: ["CIS 5.12"],
    remedy: "Set a CPU limit (A20).",
    judge: eachContainer(
      ({ HostConfig: { NanoCpus, CpuShares, CpuQuota } }) =>
        !NanoCpus && !CpuShares && !(CpuQuota > 0) && "no CPU limit",
    ),
  }),
  check({
    id: "docker.5.13",
    title: "The root file system is read-only",
    severity: "medium",
    requirements: ["CIS 5.13"],
    remedy: "Set readOnly, and mount what must be written.",
    judge: eachContainer(({ HostConfig }) => !HostConfig.ReadonlyRootfs && "writable"),
  }),
  check({
    id: "docker.5.14",
    title: "Published ports are bound to one address",
    severity: "medium",
    requirements: ["CIS 5.14"],
    remedy: "Bind to 127.0.0.1, or don't publish.",
    judge: eachContainer(
      (one) =>
        published(one)
          .filter(({ ip }) => ["", "0.0.0.0", "::"].includes(ip))
          .map(({ port }) => String(port)),
      (ports) => `${ports} on every address`,
    ),
  }),
  check({
    id: "docker.5.15",
    title: "Restarts are limited to five after failures",
    severity: "low",
    requirements: ["CIS 5.15"],
    remedy: "restart: on-failure:5, or unless-stopped where H22 asks for it.",
    judge: eachContainer(
      ({ HostConfig: { RestartPolicy } }) =>
        !(RestartPolicy.Name === "on-failure" && RestartPolicy.MaximumRetryCount <= 5) &&
        `${RestartPolicy.Name || "no policy"}`,
    ),
  }),
  check({
    id: "docker.5.16",
    title: "The server's processes are not shared",
    severity: "high",
    requirements: ["CIS 5.16"],
    remedy: "Remove pid host.",
    judge: eachContainer(({ HostConfig }) => HostConfig.PidMode === "host" && "pid host"),
  }),
  check({
    id: "docker.5.17",
    title: "The server's IPC is not shared",
    severity: "high",
    requirements: ["CIS 5.17"],
    remedy: "Remove ipc host.",
    judge: eachContainer(({ HostConfig }) => HostConfig.IpcMode === "host" && "ipc host"),
  }),
  check({
    id: "docker.5.18",
    title: "No device of the server is passed in",
    severity: "high",
    requirements: ["CIS 5.18"],
    remedy: "Remove devices.",
    judge: eachContainer(
      ({ HostConfig }) => (HostConfig.Devices ?? []).map(({ PathOnHost }) => PathOnHost),
      (devices) => `devices ${devices}`,
    ),
  }),
  check({
    id: "docker.5.19",
    title: "Limits of open files and processes are the engine's own",
    severity: "low",
    requirements: ["CIS 5.19"],
    remedy: "Remove ulimits, or set them for the engine.",
    judge: eachContainer(
      ({ HostConfig }) => (HostConfig.Ulimits ?? []).map(({ Name, Hard }) => `${Name} ${Hard}`),
      (limits) => `sets ${limits}`,
    ),
  }),
  check({
    id: "docker.5.20",
    title: "No mount is shared back to the server",
    severity: "high",
    requirements: ["CIS 5.20"],
    remedy: "Mount with rprivate propagation.",
    judge: eachContainer(
      ({ Mounts }) => Mounts.some(({ Propagation }) => /shared/.test(Propagation)) && "shared propagation",
    ),
  }),
  check({
    id: "docker.5.21",
    title: "The server's host name space is not shared",
    severity: "medium",
    requirements: ["CIS 5.21"],
    remedy: "Remove uts host.",
    judge: eachContainer(({ HostConfig }) => HostConfig.UTSMode === "host" && "uts host"),
  }),
  check({
    id: "docker.5.22",
    title: "The default seccomp profile is on",
    severity: "high",
    requirements: ["CIS 5.22"],
    remedy: "Remove seccomp=unconfined.",
    judge: eachContainer((one) => has(one, /^seccomp[=:]unconfined/) && "seccomp unconfined"),
  }),
  check({
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
  }),
  check({
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
  }),
  check({
    id: "docker.5.25",
    title: "Control groups are the engine's own",
    severity: "low",
    requirements: ["CIS 5.25"],
    remedy: "Remove cgroup-parent.",
    judge: eachContainer(
      ({ HostConfig }) =>
        HostConfig.CgroupParent !== "" &&
        HostConfig.CgroupParent !== "docker" &&
        `below ${HostConfig.CgroupParent}`,
    ),
  }),
  check({
    id: "docker.5.26",
    title: "No process can gain privileges",
    severity: "high",
    requirements: ["CIS 5.26"],
    remedy: "security_opt no-new-privileges",
    judge: eachContainer((one) => !has(one, /^no-new-privileges(?!.*false)/) && "may gain privileges"),
  }),
  check({
    id: "docker.5.27",
    title: "Health is checked",
    severity: "medium",
    requirements: ["CIS 5.27"],
    remedy: "Declare a health check (A17).",
    judge: eachContainer(
      ({ Config }) =>
        (!Config.Healthcheck?.Test?.length || Config.Healthcheck.Test[0] === "NONE") && "no health check",
    ),
  }),
  check({
    id: "docker.5.28",
    title: "The image is a known digest, not a moving tag",
    severity: "medium",
    requirements: ["CIS 5.28"],
    remedy: "Deploy repository@sha256:….",
    judge: eachContainer((one, { images }) => {
      const image = images[one.Image];
      return !(image && image.digests.length > 0) && `${one.Config.Image} has no digest`;
    }),
  }),
  check({
    id: "docker.5.29",
    title: "The number of processes is limited",
    severity: "medium",
    requirements: ["CIS 5.29"],
    remedy: "Set a PID limit.",
    judge: eachContainer(({ HostConfig }) => !((HostConfig.PidsLimit ?? 0) > 0) && "no PID limit"),
  }),
  check({
    id: "docker.5.30",
    title: "The default bridge is not used",
    severity: "medium",
    requirements: ["CIS 5.30"],
    remedy: "Use the stack's own network (H16).",
    judge: eachContainer(
      ({ NetworkSettings }) => "bridge" in (NetworkSettings.Networks ?? {}) && "on docker0",
    ),
  }),
  check({
    id: "docker.5.31",
    title: "The server's user name space is not shared by force",
    severity: "high",
    requirements: ["CIS 5.31"],
    remedy: "Remove userns host.",
    judge: eachContainer(({ HostConfig }) => HostConfig.UsernsMode === "host" && "userns host"),
  }),
  check({
    id: "docker.5.32",
    title: "The engine's socket is not mounted",
    severity: "critical",
    requirements: ["CIS 5.32"],
    remedy: "Remove the mount of docker.sock.",
    judge: eachContainer(
      ({ Mounts }) =>
        Mounts.some(({ Source }) => /docker\.sock$|containerd\.sock$/.test(Source)) &&
        "mounts the engine's socket",
    ),
  }),
];
