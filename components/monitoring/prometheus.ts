import type * as pulumi from "@pulumi/pulumi";
import { SERVICES } from "../../config/services.ts";
import { mark } from "../service/credential.ts";
import type { Server } from "../host/server.ts";
import { Service } from "../service/service.ts";
import { answering, EVERY } from "./answering.ts";
import { duration } from "./duration.ts";
import { ruleFiles } from "./rules/index.ts";
import { targetsOf } from "./measure.ts";
import { FOLDER, prometheusYml, TARGETS } from "./scrape.ts";
import type { Watched } from "./watched.ts";

/** Prometheus with its data in a volume (M1): what is declared is what it scrapes, and a changed file needs no restart. */
export function prometheus(
  server: Server,
  watched: Watched,
  image: pulumi.Input<string>,
  measured: pulumi.Resource,
): Service {
  const { retention, memory } = watched.monitoring;
  const folder = `${server.root}/prometheus`;
  const files = configuration(folder, watched);
  const service = new Service("prometheus", {
    server,
    row: SERVICES.prometheus,
    image,
    limits: { memory, cpus: 1, pids: 128, stop: 60 },
    user: NOBODY,
    // Nearer to its limit the collector works harder, instead of being killed.
    envs: [`GOMEMLIMIT=${Math.floor(memory * 0.85)}`],
    command: [
      `--config.file=${FOLDER}/prometheus.yml`,
      "--storage.tsdb.path=/prometheus",
      `--storage.tsdb.retention.time=${duration(retention.time)}`,
      `--storage.tsdb.retention.size=${retention.size}B`,
      // Alertmanager believes an alert for four times as long: so soon a dead man's switch misses a Prometheus that is gone.
      "--rules.alert.resend-delay=30s",
      "--log.format=json",
    ],
    files: {
      directories: [
        { path: folder, mode: "0755", purge: true },
        { path: `${folder}/rules`, mode: "0755" },
      ],
      files,
      check: [checkWith(image, folder)],
    },
    mounts: [
      { source: folder, target: FOLDER },
      { source: targetsOf(server), target: TARGETS },
    ],
    dependsOn: [measured],
    volume: { name: "prometheus_data", path: "/prometheus" },
    health: answering(SERVICES.prometheus.metricsPort, "/-/ready", EVERY),
    within: 120,
  });
  const again = mark(files.map(({ content }) => content).join("\0"));
  const input = { container: service.containerName, signal: "SIGHUP", again };
  service.call("reload", "reload", input, service.ready);
  return service;
}

/** As the official images have it. */
export const NOBODY = "65534:65534";

function configuration(folder: string, watched: Watched): { path: string; mode: string; content: string }[] {
  const rules = Object.entries(ruleFiles(watched)).map(([name, content]) => [`rules/${name}`, content]);
  return [["prometheus.yml", prometheusYml(watched)], ...rules].map(([name, content]) => ({
    path: `${folder}/${name!}`,
    mode: "0644",
    content: content!,
  }));
}

/** promtool of the image that will read the files. */
function checkWith(image: pulumi.Input<string>, folder: string): pulumi.Input<string>[] {
  const run = [
    "docker",
    "run",
    "--rm",
    "--network=none",
    `--user=${NOBODY}`,
    "--read-only",
    "--cap-drop=ALL",
  ];
  const mount = `--volume=${folder}:${FOLDER}:ro`;
  return [...run, mount, "--entrypoint=promtool", image, "check", "config", `${FOLDER}/prometheus.yml`];
}
