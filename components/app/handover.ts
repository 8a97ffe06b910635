import type { HostInputs } from "../../config/host/index.ts";
import { hasTraffic } from "../../config/ports.ts";
import { WEB, type Worker } from "../../config/processes.ts";
import type { App } from "../../config/schema/app/index.ts";
import type { Later } from "../lib/host-command.ts";
import type { Release } from "./release.ts";

type Succession = HostInputs["handover"]["handover"];
type Process = Succession["processes"][number];

/** What an application's processes hand over from release to release, and what else runs. */
export function handoverInput(
  system: string,
  settings: App,
  releases: { release: Release; workers: Worker[] }[],
): Later<Succession> {
  return { system, processes: releases.flatMap((made) => [...webOf(settings, made), ...workersOf(made)]) };
}

/** The web process waits for its predecessor only in an application that is exclusive. */
function webOf(settings: App, { release }: { release: Release }): Later<Process>[] {
  if (!settings.exclusive || !hasTraffic(settings)) return [];
  return [
    {
      name: WEB,
      release: release.identity,
      containers: release.containers,
      pids: settings.resources.pids,
      within: settings.health.within,
      succeeds: true,
    },
  ];
}

function workersOf({ release, workers }: { release: Release; workers: Worker[] }): Later<Process>[] {
  return workers.map(({ name, resources, health, succeeds }) => ({
    name,
    release: release.identity,
    containers: release.workers.apply((containers) => containers[name]!),
    pids: resources.pids,
    within: health.within,
    succeeds,
  }));
}
