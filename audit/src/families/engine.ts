import { mayBeOpen } from "../about.ts";
import { check, none, when } from "../check.ts";
import { inside } from "../family.ts";
import { lines, maybe, output } from "../inside/look.ts";

/** The Docker engine itself, and what listens on the server. */
export interface EngineEvidence {
  /** `daemon.json`. */
  settings: {
    "live-restore"?: boolean;
    "log-driver"?: string;
    "log-opts"?: Record<string, string>;
    hosts?: string[];
    "insecure-registries"?: string[];
    icc?: boolean;
  };
  /** How dockerd was started. */
  commandLine: string;
  /** Sockets that listen beyond the loopback. */
  listening: Socket[];
}

/** A socket that waits for connections or datagrams. */
export interface Socket {
  protocol: string;
  /** Address and port: `0.0.0.0:22`. */
  local: string;
  port: number;
  /** Empty when the engine doesn't say. */
  program: string;
}

const LOOPBACK = /^(127\.|\[?::1\]?|\[?::ffff:127\.)/;
/** What may listen in addition to the declared ports: answers to the server's own DHCP and time questions, and Docker's names. */
const EXPECTED_UDP = [68, 123, 323, 546, 5353];
const spell = ({ protocol, local, program }: Socket): string => `${protocol} ${local} ${program}`.trim();

export const engine = inside<EngineEvidence>({
  title: "Docker engine and listening programs",
  ask: () => ({
    settings: { read: "/etc/docker/daemon.json" },
    processes: { run: ["ps", "-eo", "args"] },
    sockets: { run: ["ss", "-H", "-l", "-n", "-t", "-u", "-p"] },
  }),
  read: (answers) => ({
    settings: JSON.parse(maybe(answers, "settings") ?? "{}") as EngineEvidence["settings"],
    commandLine: lines(output(answers, "processes")).find((line) => /(^|\/)dockerd( |$)/.test(line)) ?? "",
    listening: lines(output(answers, "sockets")).flatMap((line) => {
      const [protocol = "", , , , local = "", , process = ""] = line.split(/\s+/);
      if (LOOPBACK.test(local)) return [];
      const program = /"([^"]+)"/.exec(process)?.[1] ?? "";
      return [{ protocol, local, port: Number(/\d+$/.exec(local)?.[0]), program }];
    }),
  }),
  checks: [
    check({
      id: "engine.socket",
      title: "The engine listens on its local socket only",
      severity: "critical",
      requirements: ["CIS 2.7"],
      remedy: "Remove tcp:// from hosts in daemon.json and from dockerd's options.",
      judge: ({ settings, commandLine, listening }) =>
        none(
          [
            ...(settings.hosts ?? [])
              .filter((host) => host.startsWith("tcp:"))
              .map((host) => `daemon.json: ${host}`),
            ...(/(-H|--host)[ =]tcp:\S+/.exec(commandLine) ?? []).slice(0, 1),
            ...listening.filter(({ program }) => program === "dockerd").map(spell),
          ],
          "unix socket",
        ),
    }),
    check({
      id: "engine.live-restore",
      title: "Containers go on while the engine restarts",
      severity: "medium",
      requirements: ["CIS 2.15"],
      remedy: '"live-restore": true in daemon.json; npm run up writes it.',
      judge: ({ settings }) =>
        when(settings["live-restore"] === true, `live-restore ${settings["live-restore"] ?? "is not set"}`),
    }),
    check({
      id: "engine.logs",
      title: "Logs of containers are JSON and rotated by default",
      severity: "medium",
      requirements: ["A22", "O28"],
      remedy: "log-driver json-file with max-size 10m and max-file 3 in daemon.json; npm run up writes it.",
      judge: ({ settings }) => {
        const size = settings["log-opts"]?.["max-size"];
        return when(
          settings["log-driver"] === "json-file" && Boolean(size),
          `${settings["log-driver"] ?? "default driver"}, max-size ${size ?? "unlimited"}`,
        );
      },
    }),
    check({
      id: "engine.registries",
      title: "Images come over TLS",
      severity: "medium",
      requirements: ["CIS 2.5"],
      remedy: "Remove insecure-registries from daemon.json.",
      judge: ({ settings }, { registry }) => {
        // The declared one is on a private network or behind a tunnel, and is asked by digest.
        const bad = (settings["insecure-registries"] ?? []).filter((name) => name !== registry);
        return none(bad, registry ? `all but ${registry}, which is asked by digest` : "all");
      },
    }),
    check({
      id: "engine.listening",
      title: "Nothing else listens beyond the loopback",
      severity: "medium",
      requirements: ["H9"],
      remedy: "Stop the program, or bind it to 127.0.0.1.",
      judge: ({ listening }, about) =>
        none(
          listening
            .filter(({ protocol, port }) =>
              protocol === "tcp"
                ? !mayBeOpen(about, port, "tcp")
                : !mayBeOpen(about, port, "udp") && !EXPECTED_UDP.includes(port),
            )
            .map(spell),
          listening.map(spell).join(", "),
        ),
    }),
  ],
});
