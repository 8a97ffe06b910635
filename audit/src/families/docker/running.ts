import { check, none, type Check } from "../../check.ts";
import { type DockerEvidence } from "./container.ts";
import { eachContainer } from "./each.ts";

/** What a container is made from, what it may use, and how it is kept running. */
export const running: Check<DockerEvidence>[] = [
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
    id: "docker.5.27",
    title: "Health is checked",
    severity: "medium",
    requirements: ["CIS 5.27"],
    remedy: "Declare a health check (A17).",
    judge: eachContainer(
      ({ Config }) =>
        (!Config.Healthcheck?.Test?.length || Config.Healthcheck.Test[0] === "NONE") &&
        !Config.Labels?.check &&
        "no health check",
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
];
