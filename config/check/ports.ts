import { OFFERED_REGISTRY } from "../images.ts";
import { applicationPorts, DOORWAY_HEALTH } from "../ports.ts";
import type { Problem } from "../problems.ts";
import type { App } from "../schema/app/index.ts";
import type { AppPort } from "../schema/app/ports.ts";
import type { StackConfig } from "../schema/index.ts";

/** Ports that can't lead to an application, and those that two want. */
export function checkPorts(config: StackConfig): Problem[] {
  return [
    ...Object.entries(config.apps).flatMap(([name, app]) => [
      ...checkServed(name, app),
      ...checkUdp(name, app),
      ...app.ports.flatMap((declared, index) => checkOne(`apps.${name}.ports[${index}]`, declared, config)),
    ]),
    ...checkTwice(config),
    ...checkFirewall(config),
  ];
}

/** A port leads to the application's own process, and not to one of those that have names. */
function checkServed(name: string, app: App): Problem[] {
  const { ports, port, command, entrypoint, processes } = app;
  if (ports.length === 0 || port !== undefined || command !== undefined || entrypoint !== undefined)
    return [];
  if (Object.keys(processes).length === 0) return [];
  return [
    {
      path: `apps.${name}.ports`,
      message: `lead to the application's own process, and ${name} has only ${Object.keys(processes).join(", ")}`,
      remedy: `Set apps.${name}.command to what listens there, or apps.${name}.port where it answers HTTP too.`,
    },
  ];
}

/** Two containers can't have the same port of the server, and no proxy stands before a UDP port. */
function checkUdp(name: string, { ports, exclusive, replicas }: App): Problem[] {
  if (!ports.some(({ protocol }) => protocol === "udp")) return [];
  const reason = "for a UDP port, which the container itself has";
  const problems: Problem[] = [];
  if (!exclusive)
    problems.push({
      path: `apps.${name}.exclusive`,
      message: `expected true ${reason}, found false`,
      remedy: "Set it: the release that serves stops before the next one starts (docs/ports.md).",
    });
  if (replicas !== 1)
    problems.push({
      path: `apps.${name}.replicas`,
      message: `expected 1 ${reason}, found ${replicas}`,
      remedy: "Remove replicas.",
    });
  return problems;
}

function checkOne(path: string, declared: AppPort, { server }: StackConfig): Problem[] {
  const { port, protocol, proxyProtocol } = declared;
  const problems: Problem[] = [];
  const owner = ownerOf(port, protocol, server.port);
  if (owner !== undefined)
    problems.push({
      path,
      message: `expected a port of the server that is free, found ${port}/${protocol}, which ${owner}`,
      remedy: "Choose another.",
    });
  if (proxyProtocol && protocol === "udp")
    problems.push({
      path: `${path}.proxyProtocol`,
      message: "expected a TCP port for the PROXY protocol, found udp",
      remedy: "Remove it.",
    });
  return problems;
}

/** What the stack itself, or the server, has a port for. */
function ownerOf(port: number, protocol: AppPort["protocol"], ssh: number): string | undefined {
  if (port === 443) return "belongs to the edge";
  if (protocol === "udp") return undefined;
  if (port === 22 || port === ssh) return "belongs to SSH";
  return OWN[port];
}

const OWN: Readonly<Record<number, string>> = {
  80: "belongs to the edge",
  2375: "belongs to the Docker engine",
  2376: "belongs to the Docker engine",
  [OFFERED_REGISTRY.port]: "leads to the registry of the machine that deploys",
  8405: "belongs to the edge's status",
  [DOORWAY_HEALTH]: "belongs to the check of the doorway of ports",
};

const keyOf = ({ port, protocol }: Pick<AppPort, "port" | "protocol">): string => `${port}/${protocol}`;

function checkTwice({ apps }: StackConfig): Problem[] {
  const owners = new Map<string, string>();
  return Object.entries(apps).flatMap(([name, { ports }]) =>
    ports.flatMap((declared, index): Problem[] => {
      const key = keyOf(declared);
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, name);
      if (owner === undefined) return [];
      return [
        {
          path: `apps.${name}.ports[${index}]`,
          message: `${key} already leads to ${owner}`,
          remedy: "Give every port to one application, once.",
        },
      ];
    }),
  );
}

/** The firewall opens an application's ports by itself, for whom the application allows. */
function checkFirewall({ apps, server }: StackConfig): Problem[] {
  const taken = new Map(applicationPorts(apps).map(({ app, declared }) => [keyOf(declared), app]));
  return server.firewall.ports.flatMap((open, index): Problem[] => {
    const app = taken.get(keyOf(open));
    if (app === undefined) return [];
    return [
      {
        path: `server.firewall.ports[${index}]`,
        message: `${keyOf(open)} is opened for ${app} already`,
        remedy: `Remove it; who may connect is said at apps.${app}.ports (allow).`,
      },
    ];
  });
}
