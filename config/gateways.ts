import type { StackConfig } from "./schema/index.ts";
import { SERVICES, type ServiceRow } from "./services.ts";

/**
 * Applications that are called inside the private network, sorted: those with a port that stand under another one's `needs`,
 * or have workers or jobs of their own.
 */
export function calledInside(apps: StackConfig["apps"]): { name: string; port: number }[] {
  const needed = new Set(Object.values(apps).flatMap(({ needs }) => needs));
  return Object.entries(apps)
    .flatMap(([name, { port, processes, jobs }]) =>
      port !== undefined && (needed.has(name) || Object.keys({ ...processes, ...jobs }).length > 0)
        ? [{ name, port }]
        : [],
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What everything outside its component needs to know about an application's gateway; it is HAProxy, as the switch is. */
export function gatewayRow(app: string): ServiceRow {
  const { image, tags, versionNote } = SERVICES.switch;
  return {
    title: `the gateway of ${app}`,
    image,
    tags,
    versionNote,
    container: `${app}-gateway`,
    alias: app,
    logsJson: false,
  };
}
