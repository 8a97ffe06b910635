import { check, type Check } from "../../check.ts";
import { nameOf, published, type DockerEvidence } from "./container.ts";
import { eachContainer } from "./each.ts";

const SENSITIVE = /^\/(boot|dev|etc|lib|proc|sys|usr|root|var\/run|run)?(\/|$)/;

/** What a container shares with the server, and where it can be reached. */
export const isolation: Check<DockerEvidence>[] = [
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
          .map(({ name }) => name),
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
          .map(({ name }) => name),
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
    id: "docker.5.14",
    title: "Published ports are bound to one address",
    severity: "medium",
    requirements: ["CIS 5.14"],
    remedy: "Bind to 127.0.0.1, or don't publish.",
    judge: eachContainer(
      (one) =>
        published(one)
          .filter(({ everywhere }) => everywhere)
          .map(({ name }) => name),
      (ports) => `${ports} on every address`,
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
