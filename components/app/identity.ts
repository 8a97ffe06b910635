import { createHash } from "node:crypto";
import { hasTraffic, portsOf } from "../../config/ports.ts";
import type { App } from "../../config/schema/app/index.ts";
import { sortedJson } from "../lib/sorted-json.ts";
import type { ReleaseFile } from "./files.ts";
import type { ReleaseSecret } from "./secret.ts";

/**
 * Settings that came later. They are part of the identity only where they are set, so that an application that uses none
 * of them keeps its release.
 */
function added(settings: App, files: readonly ReleaseFile[]): object {
  const { command, entrypoint, processes, release, exclusive } = settings;
  const parts = Object.entries(processes).map(([name, { replicas: _replicas, health, ...process }]) => {
    const { within: _within, ...check } = health;
    return [name, { ...process, check }] as const;
  });
  return {
    command,
    entrypoint,
    processes: parts.length > 0 ? Object.fromEntries(parts) : undefined,
    release: release?.command,
    ...options(settings),
    files: files.length > 0 ? files : undefined,
    exclusive: exclusive || undefined,
    ...reached(settings),
  };
}

/** Ports that its container has itself, and a process that is there for TCP ports alone; what the switch leads on changes nothing here. */
function reached(settings: App): object {
  const udp = portsOf(settings, "udp").map(({ port, to }) => ({ port, to }));
  return {
    udp: udp.length > 0 ? udp : undefined,
    tcpAlone: (settings.port === undefined && hasTraffic(settings)) || undefined,
  };
}

/** How its containers are made, where that is said. */
function options({ tmpfs, shm, capabilities, ulimits, init, groups, hosts, volumes }: App): object {
  const mounted = Object.entries(volumes).map(([name, { backup: _backup, ...volume }]) => [name, volume]);
  const found = {
    tmpfs,
    capabilities,
    ulimits,
    groups,
    hosts,
    volumes: Object.fromEntries(mounted) as object,
  };
  const set = Object.entries(found).filter(([, value]) => Object.keys(value).length > 0);
  return { shm, init: init ? init : undefined, ...(Object.fromEntries(set) as object) };
}

/** `<app>-<10 hex digits>`: a hash over everything that a container of the release is made from. */
export function releaseName(
  app: string,
  image: string,
  settings: App,
  secrets: Pick<ReleaseSecret, "variable" | "fingerprint">[],
  files: readonly ReleaseFile[] = [],
): string {
  const { port, environment, resources, user, readOnly, stop, secretsAs, health } = settings;
  const { within: _within, probe: _probe, ready: _ready, ...check } = health;
  const marks = secrets.map(({ variable, fingerprint }) => `${variable}=${fingerprint}`).sort();
  const identity = sortedJson({
    image,
    port,
    environment,
    resources,
    user,
    readOnly,
    stop,
    secretsAs,
    check,
    marks,
    ...added(settings, files),
  });
  return `${app}-${createHash("sha256").update(identity).digest("hex").slice(0, 10)}`;
}
