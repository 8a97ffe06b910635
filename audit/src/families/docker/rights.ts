import { check, none, skip, type Check, type Judge } from "../../check.ts";
import type { Container, DockerEvidence } from "./container.ts";
import { eachContainer } from "./each.ts";

/** What a server process may need to bind low ports, to change to its own user, and to stop what runs as that user. */
const CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  "DAC_READ_SEARCH",
  "FOWNER",
  "KILL",
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

/** What a container and those who enter it may do. */
export const rights: Check<DockerEvidence>[] = [
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
];
