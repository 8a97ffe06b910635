import type * as pulumi from "@pulumi/pulumi";
import { secretsOf } from "../../config/receivers.ts";
import { SERVICES } from "../../config/services.ts";
import type { SecretValue } from "../lib/secret-value.ts";
import { mark } from "../service/credential.ts";
import type { Server } from "../host/server.ts";
import { Service } from "../service/service.ts";
import { alertmanagerYml, FOLDER, SECRETS } from "./alertmanager-yml.ts";
import { answering, EVERY } from "./answering.ts";
import { NOBODY } from "./prometheus.ts";
import type { Watched } from "./watched.ts";

/** Alertmanager (M6): who is told of what. Its secrets are files that only it sees. */
export function alertmanager(
  server: Server,
  watched: Watched,
  secret: (name: string) => SecretValue,
  image: pulumi.Input<string>,
): Service {
  const [folder, closed] = [`${server.root}/alertmanager`, `${server.root}/secrets/alertmanager`];
  const content = alertmanagerYml(watched);
  const names = [...new Set(Object.values(secretsOf(watched.notifications)))].sort();
  const service = new Service("alertmanager", {
    server,
    row: SERVICES.alertmanager,
    image,
    limits: { memory: 96 * 1024 ** 2, cpus: 0.5, pids: 64, stop: 15 },
    user: NOBODY,
    envs: [`GOMEMLIMIT=${72 * 1024 ** 2}`],
    command: [
      `--config.file=${FOLDER}/alertmanager.yml`,
      "--storage.path=/alertmanager",
      // There is one.
      "--cluster.listen-address=",
      // The dead man's switch is a webhook, as others may be: only their names tell them apart.
      "--enable-feature=receiver-name-in-metrics",
      "--log.format=json",
    ],
    files: (made) => [
      made.call("secrets", "files", secretFiles(closed, names, secret)),
      made.writeFiles({
        directories: [{ path: folder, mode: "0755", purge: true }],
        files: [{ path: `${folder}/alertmanager.yml`, mode: "0644", content }],
        check: [checkWith(image, folder)],
      }),
    ],
    mounts: [
      { source: folder, target: FOLDER },
      { source: closed, target: SECRETS },
    ],
    volume: { name: "alertmanager_data", path: "/alertmanager" },
    health: answering(SERVICES.alertmanager.metricsPort, "/-/ready", EVERY),
    within: 60,
  });
  const again = mark([content, ...names.map((name) => secret(name).fingerprint)].join("\0"));
  const input = { container: service.containerName, signal: "SIGHUP", again };
  service.call("reload", "reload", input, service.ready);
  return service;
}

/** Readable to its user; the folder above is closed to everyone but root. */
function secretFiles(folder: string, names: string[], secret: (name: string) => SecretValue) {
  return {
    name: "alertmanager-secrets",
    directories: [{ path: folder, mode: "0755", purge: true }],
    files: names.map((name) => ({ path: `${folder}/${name}`, mode: "0444", content: secret(name).value })),
  };
}

/** amtool of the image that will read the file. */
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
  return [...run, mount, "--entrypoint=amtool", image, "check-config", `${FOLDER}/alertmanager.yml`];
}
