import { sortedJson } from "../../lib/sorted-json.ts";

/** `daemon.json` of the Docker engine: rotated JSON logs (A22), containers that survive a restart of the engine. */
export function daemonJson(insecureRegistries: readonly string[]): string {
  return `${sortedJson({
    "live-restore": true,
    "log-driver": "json-file",
    "log-opts": { "max-size": "10m", "max-file": "3", labels: "service,app" },
    "insecure-registries": [...insecureRegistries].sort(),
  })}\n`;
}
