import { siteTarget, type About, type Declared, type Exception, type Target } from "../../audit/src/index.ts";
import { checkAudit } from "../../config/check/audit.ts";
import { leads } from "../../config/places.ts";
import { calledInside, gatewayRow } from "../../config/gateways.ts";
import { applicationPorts, doorwayRows, hasTraffic } from "../../config/ports.ts";
import { LOCAL_REGISTRY } from "../../config/images.ts";
import { ConfigError } from "../../config/problems.ts";
import { PROXIES } from "../../config/proxies.ts";
import { isAcme } from "../../config/schema/certificates.ts";
import { workersIn } from "../../config/processes.ts";
import type { App } from "../../config/schema/app/index.ts";
import type { Route } from "../../config/schema/app/route.ts";
import type { Limits } from "../../config/schema/limits.ts";
import { stackSchema, type StackConfig } from "../../config/schema/index.ts";
import {
  AUDIT_EXCEPTIONS,
  containerName,
  neededServices,
  SERVICE_NAMES,
  serviceRow,
  type ServiceRow,
} from "../../config/services.ts";
import { askOver } from "./ask.ts";
import { readConfig } from "./stack-config.ts";
import { UserError } from "./errors.ts";
import { readOutputs, type StackOutputs } from "./outputs.ts";
import { Server } from "./server.ts";
import { openStack } from "./workspace.ts";

/**
 * The server of a stack, and the failures that its settings accept, with their reasons.
 * @throws UserError when the stack isn't up
 * @throws ConfigError when it accepts a check that there isn't
 */
export async function stackTarget(
  stackName: string,
): Promise<{ target: Target; accept: Record<string, string> }> {
  const stack = await openStack(stackName);
  const [outputs, { config, secrets }] = [readOutputs(await stack.outputs()), await readConfig(stack)];
  if (!outputs) {
    throw new UserError(
      `${stackName} is not up, so there is nothing to look at.`,
      `npm run up -- --stack ${stackName}`,
    );
  }
  const problems = checkAudit(stackName, config);
  if (problems.length > 0) throw new ConfigError(stackName, problems);
  const { server } = config;
  const box = server.address === undefined;
  const url = new URL(outputs.url);
  const about: About = {
    name: config.name,
    box,
    url: outputs.url,
    names: outputs.names ?? [url.hostname],
    ports: [box ? 22 : server.port, 80, 443],
    declared: [
      ...server.firewall.ports.map(({ port, protocol }) => ({ port, protocol })),
      ...applicationPorts(config.apps).map(({ declared: { port, protocol } }) => ({ port, protocol })),
      ...(config.edge.http3 ? [{ port: 443, protocol: "udp" as const }] : []),
    ],
    secretsInEnvironment: Object.keys(config.apps).filter(
      (app) => config.apps[app]!.secretsAs === "environment",
    ),
    health: healthPaths(config.apps, outputs.health),
    ownCertificate: Boolean(outputs.certificate),
    exceptions: [
      ...exceptionsOf(config.name, [
        ...calledInside(config.apps).map(({ name }) => gatewayRow(name)),
        ...doorwayRows(config.apps),
      ]),
      ...publishedExceptions(config.apps),
    ],
    registry: box ? LOCAL_REGISTRY : server.registry,
    swap: server.swap,
    stack: declaredBy(config, outputs),
  };
  const target: Target = {
    about,
    // A load balancer that sends the PROXY protocol is the only one who is answered.
    address: config.edge.proxyProtocol && !box ? url.hostname : outputs.address,
    httpPort: box ? server.box.ports.http : 80,
    httpsPort: box ? server.box.ports.https : 443,
    trusted: outputs.certificate || undefined,
    ask: askOver(Server.of(outputs)),
    secrets: values(secrets),
  };
  return { target, accept: config.audit.accept };
}

/** Any other server, by its address on the web; from inside only with a command that logs in. */
export function urlTarget(text: string, { ssh, address }: { ssh?: string; address?: string }): Target {
  if (!URL.canParse(text) || !text.startsWith("https://")) {
    throw new UserError(
      `--url expects an address such as https://example.com/, found "${text}".`,
      "Correct it.",
    );
  }
  if (ssh !== undefined && !/\S\s+\S/.test(ssh)) {
    throw new UserError(
      `--ssh expects a command that logs in, such as "ssh root@203.0.113.7", found "${ssh}".`,
      "Write the command and the user at the server.",
    );
  }
  const name = stackSchema.shape.name.parse(undefined);
  return siteTarget(new URL(text), {
    name,
    address,
    ask: ssh === undefined ? undefined : askOver(Server.by(ssh)),
    exceptions: exceptionsOf(name),
  });
}

/** Where the containers of a system differ on purpose from what the audit asks, by the table of services and its gateways. */
export function exceptionsOf(system: string, gateways: readonly ServiceRow[] = []): Exception[] {
  const services = [...SERVICE_NAMES.map(serviceRow), ...gateways].flatMap((row) => {
    const container = containerName(system, row);
    const own = (row.auditExceptions ?? []).map((exception) => ({ ...exception, container }));
    const why = "it writes its log in a format of its own";
    return row.logsJson ? own : [...own, { check: "containers.json-logs", container, why }];
  });
  return [...services, ...AUDIT_EXCEPTIONS];
}

/** Declared UDP ports, which containers publish themselves; any other port that one publishes is still wrong. */
function publishedExceptions(apps: StackConfig["apps"]): Exception[] {
  return applicationPorts(apps)
    .filter(({ declared }) => declared.protocol === "udp")
    .flatMap(({ app, declared: { port } }) =>
      ["docker.5.8", "docker.5.9", "docker.5.14"].map((check) => ({
        check,
        allowed: [String(port)],
        why: `apps.${app}.ports declares ${port}/udp (decision 0050)`,
      })),
    );
}

/** What the stack says that there is; how many containers a release has is in its settings, which releases run in its outputs. */
export function declaredBy(
  config: Pick<
    StackConfig,
    "name" | "domain" | "apps" | "database" | "cache" | "certificates" | "edge" | "sites"
  >,
  { url, releases }: Pick<StackOutputs, "url" | "releases">,
): Declared {
  const { name, apps, certificates, edge } = config;
  const rows = [
    ...neededServices(config).map(serviceRow),
    ...calledInside(apps).map(({ name: app }) => gatewayRow(app)),
    ...doorwayRows(apps),
  ];
  const services = rows.map((row) => containerName(name, row));
  const running = Object.entries(releases).flatMap(([app, list]) =>
    list.map(({ release }, index) => [release, containersOf(apps[app], list, index)] as const),
  );
  const below = leads(config).map(({ app }) => app);
  return {
    containers: Object.fromEntries([...services.map((container) => [container, 1] as const), ...running]),
    upstreams: Object.keys(apps).filter((app) => apps[app]!.routes.length > 0 || below.includes(app)),
    limit: limitOf(edge.limits),
    maxBody: pageRoute(apps)?.maxBody ?? edge.maxBody,
    renewal: isAcme(certificates) ? "certbot.timer" : "fairlead-renew.timer",
    subdomains: Object.keys(edge.subdomains).map((label) => `${label}.${new URL(url).hostname}`),
    proxies: [edge.trustedProxies].flat().map((name) => ({ name, days: ageOf(name) })),
  };
}

/** How many containers run in one of an application's releases. */
function containersOf(app: App | undefined, list: readonly { weight: number }[], index: number): number {
  if (!app) return 1;
  const weights = list.map(({ weight }) => weight);
  const workers = workersIn(app, weights, index).map(({ replicas }) => replicas);
  return workers.reduce((sum, count) => sum + count, hasTraffic(app) ? app.replicas : 0);
}

/** Days since a list of proxies that this project keeps was compared with its source. */
function ageOf(name: string): number | undefined {
  const list = PROXIES[name];
  return list && Math.floor((Date.now() - Date.parse(list.asOf)) / 86_400_000);
}

/** The route of the site's page. */
const pageRoute = (apps: StackConfig["apps"]): Route | undefined =>
  Object.values(apps)
    .flatMap(({ routes }) => routes)
    .find(({ path }) => path === "/");

function limitOf({ enabled, rate, burst }: Limits): Declared["limit"] {
  if (!enabled) return undefined;
  return { perSecond: rate.requests / rate.seconds, burst };
}

/** Both levels where an application has two and a route serves them (O27). */
function healthPaths(apps: StackConfig["apps"], probes: Record<string, string>): string[] {
  const served = Object.values(apps).flatMap(({ routes, health }) =>
    [health.path, health.probe ?? []]
      .flat()
      .filter((path) => routes.some((route) => route.path !== "/" && path.startsWith(route.path))),
  );
  return [...new Set([...served, ...Object.values(probes)])].sort();
}

/** A key of several lines is searched for by its longest line. */
function values(secrets: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => {
      const longest = value.split("\n").sort((a, b) => b.length - a.length)[0]!;
      return [name, longest];
    }),
  );
}
