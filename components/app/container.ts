import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { App } from "../../config/schema/app/index.ts";
import { toMebibytes } from "../../config/units.ts";
import { filesFolder } from "./files.ts";
import { hardened, healthcheck, readOnlyMount } from "../service/hardened.ts";
import { mountsOf, volumesOf } from "./data.ts";
import { publishedPorts } from "./published.ts";
import { hostsOf, tmpfsOf, ulimitsOf } from "./options.ts";
import { checkLabels, isCheckedOutside } from "./outside.ts";
import type { ReleaseArgs } from "./release.ts";

/** Everything that a container of a release is made from, but its image and its network. */
export function containerArgs(
  identity: string,
  { app, settings, secrets, server, files }: ReleaseArgs,
  folder: string,
): Omit<docker.ContainerArgs, "image"> {
  const asFiles = settings.secretsAs === "file";
  const plain = { ...settings.environment, RELEASE: identity };
  const port = settings.port === undefined ? [] : [`PORT=${settings.port}`];
  const pointers = asFiles ? secrets.map(({ variable }) => `${variable}_FILE=/run/secrets/${variable}`) : [];
  const values = asFiles
    ? []
    : secrets.map(({ variable, value }) => pulumi.interpolate`${variable}=${value}`);
  const { health, resources } = settings;
  const limits = hardened({
    ...resources,
    stop: settings.stop,
    service: app,
    app: server.name,
    readOnly: settings.readOnly,
    capabilities: settings.capabilities.map((name) => `CAP_${name}`),
    tmpfs: tmpfsOf(settings.tmpfs),
  });
  return {
    ...limits,
    labels: [...(limits.labels as { label: string; value: string }[]), ...checkLabels(settings)],
    user: settings.user,
    command: settings.command,
    entrypoints: settings.entrypoint,
    envs: [
      ...[...Object.entries(plain).map(([name, value]) => `${name}=${value}`), ...port].sort(),
      ...pointers.sort(),
      ...values,
    ],
    memoryReservation: settings.resources.reservation && toMebibytes(settings.resources.reservation),
    shmSize: settings.shm && toMebibytes(settings.shm),
    init: settings.init ? true : undefined,
    groupAdds: settings.groups.length > 0 ? settings.groups.map(String).sort() : undefined,
    hosts: hostsOf(settings.hosts),
    ulimits: ulimitsOf(settings.ulimits),
    volumes: volumesOf(server.name, app, settings.volumes),
    mounts: [
      ...(asFiles && secrets.length > 0 ? [readOnlyMount(folder, "/run/secrets")] : []),
      ...mountsOf(server.name, app, settings.volumes),
      ...files.map(({ path }, index) => readOnlyMount(`${filesFolder(server, identity)}/${index}`, path)),
    ],
    ports: publishedPorts(settings),
    healthcheck: healthcheck(checkOf(settings), health),
  };
}

function checkOf(settings: App): string[] {
  const { command } = settings.health;
  if (command) return ["CMD", ...command];
  // What answers no HTTP only has to run; the switch tries its port.
  if (settings.port === undefined || isCheckedOutside(settings)) return ["NONE"];
  return ["CMD-SHELL", probe(settings)];
}

/** curl where the image has it (A17), else the wget that every Alpine and BusyBox image has. */
function probe({ port, health }: App): string {
  const url = `http://127.0.0.1:${port}${health.path}`;
  return `if command -v curl >/dev/null; then curl -fsS -o /dev/null ${url}; else wget -q -O /dev/null ${url}; fi`;
}
