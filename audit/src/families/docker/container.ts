import { lines, maybe, output, perLine, type Answers, type Request } from "../../inside/look.ts";

/** The parts of `docker inspect` that checks look at. */
export interface Container {
  Name: string;
  Image: string;
  RestartCount: number;
  AppArmorProfile: string;
  ProcessLabel: string;
  State: {
    Running: boolean;
    OOMKilled: boolean;
    Health?: { Status: string; Log?: { ExitCode: number; Output: string }[] | null };
  };
  Config: {
    Image: string;
    User: string;
    Labels: Record<string, string> | null;
    Healthcheck?: { Test?: string[] };
  };
  HostConfig: {
    Privileged: boolean;
    CapAdd: string[] | null;
    CapDrop: string[] | null;
    SecurityOpt: string[] | null;
    NetworkMode: string;
    PidMode: string;
    IpcMode: string;
    UTSMode: string;
    UsernsMode: string;
    CgroupParent: string;
    Memory: number;
    NanoCpus: number;
    CpuShares: number;
    CpuQuota: number;
    PidsLimit: number | null;
    ReadonlyRootfs: boolean;
    Devices: { PathOnHost: string }[] | null;
    Ulimits: { Name: string; Hard: number }[] | null;
    RestartPolicy: { Name: string; MaximumRetryCount: number };
    PortBindings: Record<string, { HostIp: string; HostPort: string }[] | null> | null;
    LogConfig: { Type: string; Config: Record<string, string> | null };
  };
  NetworkSettings: { Networks: Record<string, unknown> | null };
  Mounts: { Source: string; Destination: string; Propagation: string }[];
}

/** What the Docker engine says. */
export interface DockerEvidence {
  /** The containers that run. */
  containers: Container[];
  /** Names of containers that Docker calls starting, and that pass their own check. */
  passing: string[];
  /** The stack's containers that don't run, with what became of them in Docker's words. */
  stopped: { name: string; status: string }[];
  /** `docker info`. */
  info: { SecurityOptions?: string[]; Swarm?: { LocalNodeState?: string }; LiveRestoreEnabled?: boolean };
  /** By image id: names with a digest, and tags. */
  images: Record<string, { digests: string[]; tags: string[] }>;
  /** By name of a container: programs that run in it. */
  processes: Record<string, string[]>;
  /** By name of a container: the last lines of its log. */
  logs: Record<string, string[]>;
  /** Command lines that run on the server, and root's typed ones. */
  commands: string[];
}

const RUNNING = ["docker", "ps", "--quiet", "--no-trunc"];
const STOPPED = ["created", "exited", "dead", "paused"].flatMap((status) => ["--filter", `status=${status}`]);
const OURS = ["--filter", "label=managed-by=fairlead"];

export const dockerQuestions = (): Record<string, Request> => ({
  info: { run: ["docker", "info", "--format", "{{json .}}"] },
  inspect: { each: RUNNING, run: ["docker", "inspect", "--type", "container", "{}"] },
  starting: { starting: "docker" },
  stopped: {
    run: [
      "docker",
      "ps",
      "--all",
      ...OURS,
      ...STOPPED,
      "--format",
      '{{.Names}}\t{{.Status}}\t{{.Label "process"}}',
    ],
  },
  images: { each: ["docker", "images", "--quiet", "--no-trunc"], run: ["docker", "image", "inspect", "{}"] },
  top: { each: RUNNING, run: ["docker", "top", "{}", "-eo", "pid,comm"] },
  logs: { each: RUNNING, run: ["docker", "logs", "--tail", "20", "{}"] },
  commands: { run: ["ps", "-eo", "args"] },
  history: { read: "/root/.bash_history" },
});

export function readDocker(answers: Answers): DockerEvidence {
  const inspected = Object.values(perLine(answers, "inspect")).flatMap(
    ({ out }) => JSON.parse(out || "[]") as Container[],
  );
  const ids = new Map(
    Object.entries(perLine(answers, "inspect")).map(([id, { out }]) => [
      id,
      (JSON.parse(out || "[]") as Container[])[0]?.Name ?? id,
    ]),
  );
  const byName = <T>(name: string, read: (text: string) => T): Record<string, T> =>
    Object.fromEntries(
      Object.entries(perLine(answers, name)).map(([id, { out, err }]) => [
        bare(ids.get(id) ?? id),
        read(out + err),
      ]),
    );
  const images = Object.values(perLine(answers, "images")).flatMap(
    ({ out }) =>
      JSON.parse(out || "[]") as { Id: string; RepoDigests: string[] | null; RepoTags: string[] | null }[],
  );
  // Older host tools don't know that question.
  const starting = JSON.parse(maybe(answers, "starting") ?? "{}") as Answers;
  return {
    containers: inspected,
    passing: Object.entries(starting).flatMap(([name, { code }]) => (code === 0 ? [name] : [])),
    stopped: lines(output(answers, "stopped")).flatMap((line) => {
      const [name = "", status = "", process] = line.split("\t");
      // The command of a release has ended well, and is kept for its output.
      return process === "release" && status.startsWith("Exited (0)") ? [] : [{ name, status }];
    }),
    info: JSON.parse(output(answers, "info")) as DockerEvidence["info"],
    images: Object.fromEntries(
      images.map(({ Id, RepoDigests, RepoTags }) => [
        Id,
        { digests: RepoDigests ?? [], tags: RepoTags ?? [] },
      ]),
    ),
    processes: byName("top", (text) =>
      lines(text)
        .slice(1)
        .map((line) => line.split(/\s+/)[1] ?? ""),
    ),
    logs: byName("logs", lines),
    commands: [...lines(output(answers, "commands")), ...lines(answers.history?.out ?? "")],
  };
}

/** Docker writes names with a slash in front. */
export const bare = (name: string): string => name.replace(/^\//, "");
export const nameOf = ({ Name }: Container): string => bare(Name);

/** A port that a container publishes. */
export interface Published {
  port: number;
  /** Address of the server; empty for every one. */
  ip: string;
  everywhere: boolean;
  /** `53/udp` on every address of the server, `127.0.0.1:53/udp` or `[::1]:53/udp` on one. */
  name: string;
}

const EVERYWHERE = ["", "0.0.0.0", "::"];

export function published({ HostConfig }: Container): Published[] {
  const found = Object.entries(HostConfig.PortBindings ?? {}).flatMap(([inside, list]) =>
    (list ?? []).map(({ HostIp, HostPort }) => {
      const everywhere = EVERYWHERE.includes(HostIp);
      const address = everywhere ? "" : HostIp.includes(":") ? `[${HostIp}]:` : `${HostIp}:`;
      const protocol = inside.split("/")[1] ?? "tcp";
      return { port: Number(HostPort), everywhere, name: `${address}${HostPort}/${protocol}`, ip: HostIp };
    }),
  );
  // Published on 0.0.0.0 and on ::, it is one port.
  return found.filter(({ name }, index) => found.findIndex((other) => other.name === name) === index);
}
