import { leads } from "../places.ts";
import type { Problem } from "../problems.ts";
import { MAIN, RELEASE, WEB } from "../processes.ts";
import type { App } from "../schema/app/index.ts";
import type { StackConfig } from "../schema/index.ts";

/** Names that the parts of a release have themselves. */
const OWN = [WEB, MAIN, RELEASE];

/** Processes that can't be what they say, and traffic for an application that answers none. */
export function checkProcesses(config: StackConfig): Problem[] {
  return Object.entries(config.apps).flatMap(([name, app]) => [
    ...checkNames(name, app),
    ...checkCommands(name, app),
    ...checkSingle(name, app),
    ...(app.exclusive ? checkAlone(name, config.releases[name] ?? []) : []),
    ...(app.port === undefined ? checkPortless(name, app, config) : []),
  ]);
}

function checkNames(name: string, { processes }: App): Problem[] {
  return Object.keys(processes)
    .filter((process) => OWN.includes(process))
    .map((process) => ({
      path: `apps.${name}.processes.${process}`,
      message: `expected a name of its own, found "${process}"`,
      remedy: `Choose another than ${OWN.join(", ")}: the application's own command is said at apps.${name}.`,
    }));
}

/** Without a command it would be the web process once more. */
function checkCommands(name: string, { processes }: App): Problem[] {
  return Object.entries(processes)
    .filter(([, { command, entrypoint }]) => command === undefined && entrypoint === undefined)
    .map(([process]) => ({
      path: `apps.${name}.processes.${process}.command`,
      message: "expected what this process runs, found nothing",
      remedy: "Set command, or entrypoint, as a list of words such as [celery, worker].",
    }));
}

function checkSingle(name: string, { processes }: App): Problem[] {
  return Object.entries(processes).flatMap(([process, { single, replicas }]): Problem[] => {
    if (!single || replicas === 1) return [];
    return [
      {
        path: `apps.${name}.processes.${process}.replicas`,
        message: `expected 1 for a process that never runs twice, found ${replicas}`,
        remedy: "Remove replicas or single.",
      },
    ];
  });
}

/** One release at a time: none beside it gets a part of the traffic, and none is kept warm. */
function checkAlone(name: string, traffic: readonly unknown[]): Problem[] {
  if (traffic.length < 2) return [];
  return [
    {
      path: `releases.${name}`,
      message: `expected one release of an application that is exclusive, found ${traffic.length}`,
      remedy: `Leave one, or remove apps.${name}.exclusive.`,
    },
  ];
}

function checkPortless(name: string, { routes, health }: App, config: StackConfig): Problem[] {
  const message = `${name} has no port, so it can't answer`;
  const remedy = `Set apps.${name}.port to the port on which it answers HTTP, or remove this.`;
  const led = leads(config).filter(({ app }) => app === name);
  const asked = [
    ...(health.path === "/health" ? [] : ["path"]),
    ...(["probe", "ready", "live", "status", "host"] as const).filter((key) => health[key] !== undefined),
  ];
  return [
    ...asked.map((setting) => ({ path: `apps.${name}.health.${setting}`, message, remedy })),
    ...routes.map((_, index) => ({ path: `apps.${name}.routes[${index}]`, message, remedy })),
    ...led.map(({ path }) => ({ path, message, remedy })),
  ];
}
