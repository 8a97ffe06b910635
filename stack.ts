import * as pulumi from "@pulumi/pulumi";
import { databasesOf, ownDatabases } from "./config/databases.ts";
import { cacheUsers, usesCache } from "./config/given.ts";
import { calledInside } from "./config/gateways.ts";
import { LOCAL_REGISTRY, pin, serverRegistry } from "./config/images.ts";
import type { Settings } from "./config/load.ts";
import { hasTraffic, openedFor } from "./config/ports.ts";
import { SERVICES, type Provider } from "./config/services.ts";
import { longestSilence, speaksGrpc } from "./config/places.ts";
import { upstreamHosts } from "./config/upstreams.ts";
import { App } from "./components/app/app.ts";
import { readFiles } from "./components/app/files.ts";
import { Gateway } from "./components/app/gateway.ts";
import { Box } from "./components/host/box.ts";
import { Cache } from "./components/cache/cache.ts";
import { Certificates, orderCertificate } from "./components/certificates/certificates.ts";
import { claimOf } from "./components/host/claim.ts";
import { ContainerRuntime, type RegistryLogin } from "./components/host/container-runtime.ts";
import { Database } from "./components/database/database.ts";
import { noteSharing } from "./components/database/sharing.ts";
import { declareDoorway, type Doorway } from "./components/switch/doorway.ts";
import { Edge } from "./components/edge/edge.ts";
import { Firewall } from "./components/host/firewall.ts";
import { hostCommand } from "./components/lib/host-command.ts";
import { fillIn, type Given } from "./components/app/given.ts";
import { Hardening } from "./components/host/hardening.ts";
import { Host, type HostLogin } from "./components/host/host.ts";
import { certificateNames } from "./components/certificates/names.ts";
import { SYSCTL } from "./components/host/render/hardening.ts";
import { siteNames } from "./components/edge/names.ts";
import { probePath } from "./config/probe-path.ts";
import type { Site } from "./components/edge/site.ts";
import { mapValues } from "./components/lib/map-values.ts";
import { secretValue } from "./components/lib/secret-value.ts";
import type { OfferRegistry } from "./components/host/registry-offer.ts";
import { liveChecks } from "./components/host/live-checks.ts";
import type { TakeServer } from "./components/host/server-lock.ts";
import type { Server } from "./components/host/server.ts";
import { SshAccess } from "./components/host/ssh-access.ts";
import { TrafficSwitch } from "./components/switch/traffic-switch.ts";

/**
 * The whole topology: a server, its services, its applications, and the edge in front of them.
 * @param take locks the server before anything on it changes
 * @param offer lets a rented server pull what is built on this machine
 */
export function declareStack(
  settings: Settings,
  take: TakeServer,
  offer?: OfferRegistry,
): Record<string, unknown> {
  const files = readFiles(settings);
  const { host, runtime, skipped } = declareServer(settings, take, offer);
  if (Object.values(settings.apps).some(({ health }) => health.live !== undefined))
    liveChecks(runtime.server, runtime);
  const services = declareServices(settings, runtime.server);
  noteSharing(settings.apps, services.database);
  const apps = declareApps(settings, runtime.server, services, files);
  const { certificates, edge } = declareEdge(settings, runtime.server, services, apps);
  const doorway = declareDoorway(settings, runtime.server, services.trafficSwitch, apps);
  guardRemoval(host, runtime.server, services, [edge, ...doorway]);
  const { server } = settings;
  return {
    url: `${urlOf(settings)}/`,
    names: siteNames(settings),
    address: server.address ?? "127.0.0.1",
    proxyProtocol: settings.edge.proxyProtocol,
    upstreams: upstreamHosts(settings.edge),
    images: settings.images,
    certificate: certificates.trusted,
    releases: pulumi.all(mapValues(apps, ({ releases }) => releases)),
    health: mapValues(settings.apps, probePath),
    ssh: host.command,
    connection: host.access,
    switchSocket: services.trafficSwitch.runtime,
    skipped,
  };
}

/** A box or a rented server, guarded, with a Docker engine. */
function declareServer(
  settings: Settings,
  take: TakeServer,
  offer: OfferRegistry | undefined,
): { host: Host; runtime: ContainerRuntime; skipped: pulumi.Output<string[]> | undefined } {
  const box = settings.server.address === undefined ? declareBox(settings) : undefined;
  const host = declareHost(settings, box, take, offer);
  const { ready, skipped } = guardHost(settings, host);
  const runtime = new ContainerRuntime("runtime", {
    host,
    root: rootOf(settings),
    name: settings.name,
    registry: box ? LOCAL_REGISTRY : serverRegistry(settings),
    logins: loginsOf(settings),
    dependsOn: ready,
  });
  return { host, runtime, skipped };
}

/** Logins by the names under which the provider looks for them: two for Docker Hub, whose own name images may leave out. */
function loginsOf({ registries, secrets }: Settings): RegistryLogin[] {
  return Object.entries(registries)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([host, { username, password }]) =>
      (host === "docker.io" ? ["docker.io", "registry-1.docker.io"] : [host]).map((address) => ({
        address,
        username,
        password: secretValue(secrets, password).value,
      })),
    );
}

/** The services between the edge and the applications, and those that applications can need. */
interface Services {
  database?: Database;
  cache?: Cache;
  trafficSwitch: TrafficSwitch;
}

function declareServices(settings: Settings, server: Server): Services {
  const { infrastructure: images, secrets, edge, monitoring } = settings;
  const passwordOf = (name: Provider) => secretValue(secrets, SERVICES[name].provides.password);
  return {
    database:
      images.database === undefined
        ? undefined
        : new Database("database", {
            server,
            settings: settings.database,
            image: images.database,
            password: passwordOf("database"),
            own: ownDatabases(settings.apps),
          }),
    cache:
      images.cache === undefined
        ? undefined
        : new Cache("cache", {
            server,
            settings: settings.cache,
            image: images.cache,
            password: passwordOf("cache"),
            own: cacheUsers(settings.apps),
          }),
    trafficSwitch: new TrafficSwitch("switch", {
      server,
      settings: settings.trafficSwitch,
      applications: Object.values(settings.apps).filter(hasTraffic).length,
      edge: { ...edge, proxyTimeout: longestSilence(settings) },
      monitoring,
      image: images.switch,
    }),
  };
}

function declareApps(
  settings: Settings,
  server: Server,
  services: Services,
  files: ReturnType<typeof readFiles>,
): Record<string, App> {
  const apps: Record<string, App> = {};
  const gateways: Record<string, Gateway> = {};
  const called = new Map(calledInside(settings.apps).map(({ name, port }) => [name, port]));
  for (const name of startOrder(settings)) {
    const app = settings.apps[name]!;
    const { environment, secrets } = fillIn(app, givenTo(settings, name, services));
    apps[name] = new App(name, {
      server,
      trafficSwitch: services.trafficSwitch,
      settings: { ...app, environment },
      domain: settings.domain,
      grpc: speaksGrpc(settings, name),
      traffic: trafficOf(settings, name),
      secrets,
      files: files[name] ?? [],
      keepImages: settings.server.keepImages,
      dependsOn: app.needs.flatMap((need) => [apps[need]?.ready ?? [], gateways[need]?.ready ?? []].flat()),
    });
    const port = called.get(name);
    if (port !== undefined)
      gateways[name] = gatewayTo(settings, server, services, apps[name], { name, port });
  }
  return apps;
}

/** The way to an application inside the private network. */
function gatewayTo(
  settings: Settings,
  server: Server,
  { trafficSwitch }: Services,
  { ready }: App,
  { name, port }: { name: string; port: number },
): Gateway {
  return new Gateway(`${name}-gateway`, {
    server,
    app: name,
    port,
    trafficSwitch,
    settings: settings.trafficSwitch,
    edge: settings.edge,
    image: settings.infrastructure.switch,
    dependsOn: [ready],
  });
}

/** The certificate and Nginx, once every application has its traffic. */
function declareEdge(
  settings: Settings,
  server: Server,
  { trafficSwitch }: Services,
  apps: Record<string, App>,
): { certificates: Certificates; edge: Edge } {
  const certificates = new Certificates("certificates", {
    server,
    secrets: settings.secrets,
    domain: settings.domain,
    settings: settings.certificates,
    names: certificateNames(siteNames(settings), settings),
  });
  const edge = new Edge("edge", {
    server,
    trafficSwitch,
    certificates,
    image: settings.infrastructure.edge,
    site: siteOf(settings),
    secret: (name) => secretValue(settings.secrets, name),
    dependsOn: Object.values(apps).map(({ ready }) => ready),
  });
  orderCertificate("certificates", server, certificates, edge.ready);
  return { certificates, edge };
}

/** Nothing depends on it and it depends on everything: it goes first when the stack is deleted, and only its owner can. */
function guardRemoval(
  host: Host,
  server: Server,
  { database, cache }: Services,
  doors: (Edge | Doorway)[],
): void {
  const own = [database, cache]
    .flatMap((service) => Object.values(service?.own ?? {}))
    .map(({ ready }) => ready);
  const shared = [database, cache].flatMap((service) => service?.credential.ready ?? []);
  hostCommand("host-guard", "owner", {}, server, {
    parent: host,
    dependsOn: [...doors.map(({ ready }) => ready), ...shared, ...own],
  });
}

/** What the stack gives an application: credentials of the services that it uses, always in the same order. */
function givenTo(settings: Settings, app: string, { database, cache }: Services): Given {
  const { domain, secrets, name, apps } = settings;
  const credentials = databasesOf(app, apps[app]!).map(({ key, own }) => {
    return [key, own ? database?.own[own.name] : database?.credential] as const;
  });
  if (usesCache(apps[app]!))
    credentials.push(["cache", apps[app]!.cache ? cache?.own[app] : cache?.credential]);
  return {
    plain: { domain, url: urlOf(settings), name, app },
    credentials: Object.fromEntries(credentials.flatMap(([key, one]) => (one ? [[key, one]] : []))),
    secret: (wanted) => secretValue(secrets, wanted),
  };
}

/** Where visitors find the site, without a final slash. */
function urlOf(settings: Settings): string {
  const port = httpsPortOf(settings);
  return `https://${settings.domain}${port === 443 ? "" : `:${port}`}`;
}

function siteOf(settings: Settings): Site {
  const { domain, apps, edge, sites, monitoring, images, versions } = settings;
  return { domain, httpsPort: httpsPortOf(settings), apps, edge, sites, monitoring, images, versions };
}

/** The port that the outside world uses for HTTPS. */
function httpsPortOf({ server }: Settings): number {
  return server.address === undefined ? server.box.ports.https : 443;
}

function rootOf({ name }: Settings): string {
  return `/opt/${name}`;
}

function declareBox({ stack, boxImage, server: { box } }: Settings): Box {
  const memory = Math.floor(box.memory / 1024 ** 2);
  return new Box(`box-${stack}`, {
    image: boxImage!,
    memory,
    cpus: box.cpus,
    ports: box.ports,
    network: "fairlead",
  });
}

function declareHost(
  settings: Settings,
  box: Box | undefined,
  take: TakeServer,
  offer: OfferRegistry | undefined,
): Host {
  const { server, stack } = settings;
  const offered = !box && server.registry === undefined && serverRegistry(settings) !== undefined;
  return new Host("host", {
    ...loginOf(settings, box),
    timezone: server.timezone,
    swap: server.swap,
    packages: server.packages,
    connectTimeout: server.connectTimeout,
    // A box is as new as its image.
    update: !box && server.hardening.enabled && server.hardening.updates.first,
    take,
    offer: offered && offer ? (reach) => offer(reach, server.box.registry) : undefined,
    claim: claimOf(settings),
    root: rootOf(settings),
    identityFolder: `.fairlead/${stack}/ssh`,
  });
}

function loginOf({ server, secrets }: Settings, box: Box | undefined): HostLogin {
  if (box) {
    return {
      address: "127.0.0.1",
      port: server.box.ports.ssh,
      user: server.user,
      hostKey: box.hostKey,
      privateKey: box.privateKey,
      lifetime: box.container,
    };
  }
  return {
    address: server.address!,
    port: server.port,
    user: server.user,
    hostKey: server.hostKey!,
    privateKey: secrets.get("SSH_PRIVATE_KEY")?.value,
  };
}

/** Accounts, sshd and the system's own guard, and last the firewall; sshd and the firewall each have a confirmation. */
function guardHost(
  { server, edge, apps }: Settings,
  { reach, tools }: Host,
): { ready: pulumi.Resource[]; skipped: pulumi.Output<string[]> | undefined } {
  const { firewall: settings, ssh, deployUser, user } = server;
  const sshPort = server.address === undefined ? 22 : server.port;
  const access = new SshAccess("ssh", {
    reach,
    ssh,
    deployUser,
    user,
    confirmWithin: settings.confirmWithin,
    dependsOn: [tools],
  });
  const hardening = server.hardening.enabled
    ? new Hardening("hardening", {
        reach,
        settings: server.hardening,
        firewall: settings,
        sshPort,
        dependsOn: [tools],
      })
    : undefined;
  const guarded = [...access.ready, ...(hardening ? [hardening.ready] : [])];
  const firewall = settings.enabled
    ? new Firewall("firewall", {
        reach,
        settings: { ...settings, ports: [...settings.ports, ...openedFor(apps)] },
        sshPort,
        http3: edge.http3,
        sysctl: hardening && SYSCTL,
        dependsOn: [tools, ...guarded],
      })
    : undefined;
  return { ready: [...guarded, ...(firewall ? [firewall.ready] : [])], skipped: hardening?.skipped };
}

/** The declared traffic of an application; without one its image gets everything. */
function trafficOf({ releases, apps, digests }: Settings, name: string): { image: string; weight: number }[] {
  const declared = releases[name] ?? [{ image: apps[name]!.image, weight: 100 }];
  return declared.map(({ image, weight }) => ({ image: pin(image, digests)!, weight }));
}

/** Applications after what they need; the configuration has no circles. */
function startOrder({ apps }: Settings): string[] {
  const order: string[] = [];
  const visit = (name: string): void => {
    if (order.includes(name)) return;
    apps[name]!.needs.filter((need) => need in apps).forEach(visit);
    order.push(name);
  };
  Object.keys(apps).sort().forEach(visit);
  return order;
}
