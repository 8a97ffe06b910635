import { mayBeOpen, none, when } from "../check.ts";
import { family } from "../family.ts";
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
  /** TCP and UDP sockets that listen beyond the loopback: `tcp 0.0.0.0:22 sshd`. */
  listening: string[];
}

const LOOPBACK = /^(127\.|\[?::1\]?|\[?::ffff:127\.)/;
/** What may listen beside the declared ports: answers to the server's own DHCP and time questions, and Docker's names. */
const EXPECTED_UDP = /:(68|123|323|5353|546)$/;

export const engine = family<EngineEvidence>({
  title: "Docker engine and listening programs",
  source: {
    where: "inside",
    ask: () => ({
      settings: { read: "/etc/docker/daemon.json" },
      processes: { run: ["ps", "-eo", "args"] },
      sockets: { run: ["ss", "-H", "-l", "-n", "-t", "-u", "-p"] },
    }),
    read: (answers) => ({
      settings: JSON.parse(maybe(answers, "settings") ?? "{}") as EngineEvidence["settings"],
      commandLine: lines(output(answers, "processes")).find((line) => /(^|\/)dockerd( |$)/.test(line)) ?? "",
      listening: lines(output(answers, "sockets")).flatMap((line) => {
        const [protocol, , , , local = "", , program = ""] = line.split(/\s+/);
        return LOOPBACK.test(local)
          ? []
          : [`${protocol} ${local} ${/"([^"]+)"/.exec(program)?.[1] ?? ""}`.trim()];
      }),
    }),
  },
  checks: [
    {
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
            ...listening.filter((line) => /dockerd/.test(line)),
          ],
          "unix socket",
        ),
    },
    {
      id: "engine.live-restore",
      title: "Containers go on while the engine restarts",
      severity: "medium",
      requirements: ["CIS 2.15"],
      remedy: '"live-restore": true in daemon.json; npm run up writes it.',
      judge: ({ settings }) =>
        when(settings["live-restore"] === true, `live-restore ${settings["live-restore"] ?? "is not set"}`),
    },
    {
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
    },
    {
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
    },
    {
      id: "engine.listening",
      title: "Nothing else listens beyond the loopback",
      severity: "medium",
      requirements: ["H9"],
      remedy: "Stop the program, or bind it to 127.0.0.1.",
      judge: ({ listening }, about) =>
        none(
          listening.filter((line) => {
            const [protocol, local] = line.split(" ") as [string, string];
            const port = Number(/\d+$/.exec(local)?.[0]);
            return protocol === "tcp"
              ? !mayBeOpen(about, port, "tcp")
              : !mayBeOpen(about, port, "udp") && !EXPECTED_UDP.test(local);
          }),
          listening.join(", "),
        ),
    },
  ],
});
