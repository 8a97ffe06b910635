import * as pulumi from "@pulumi/pulumi";
import { LOCAL_REGISTRY, pin } from "./config/images.ts";
import type { Settings } from "./config/load.ts";
import { App } from "./components/app.ts";
import { Box } from "./components/box.ts";
import { Cache } from "./components/cache.ts";
import { claimOf } from "./components/claim.ts";
import { Certificates } from "./components/certificates.ts";
import { ContainerRuntime } from "./components/container-runtime.ts";
import { Database } from "./components/database.ts";
import { Edge } from "./components/edge.ts";
import { Firewall } from "./components/firewall.ts";
import { Hardening } from "./components/hardening.ts";
import { Host } from "./components/host.ts";
import { hostCommand } from "./components/host-command.ts";
import type { ReleaseSecret } from "./components/release.ts";
import { probePath } from "./components/render/probe-path.ts";
import { certificateNames } from "./components/render/certificate-names.ts";
import { siteNames } from "./components/render/names.ts";
import type { TakeServer } from "./components/server-lock.ts";
import { SYSCTL } from "./components/render/hardening.ts";
import { secretValue } from "./components/secret-value.ts";
import { SshAccess } from "./components/ssh-access.ts";
import { TrafficSwitch } from "./components/traffic-switch.ts";

/**
 * The whole topology: a server, its data services, its applications, and the edge in front of them.
 * @param take locks the server before anything on it changes
 */
export function declareStack(settings: Settings, take: TakeServer): Record<string, unknown> {
  const { infrastructure: images, secrets } = settings;
  const box = settings.server.address ? undefined : declareBox(settings);
  const host = declareHost(settings, box, take);
  const guard = guardHost(settings, host);
  const runtime = new ContainerRuntime("runtime", {
    ...{ host, root: rootOf(settings), name: settings.name, dependsOn: guard.ready },
    registry: box ? LOCAL_REGISTRY : settings.server.registry,
  });
  const { server } = runtime;

  const database = settings.database.enabled
    ? new Database("database", {
        server,
        settings: settings.database,
        image: images.database!,
        password: secretValue(secrets, "POSTGRES_PASSWORD"),
      })
    : undefined;
  const cache = settings.cache.enabled
    ? new Cache("cache", {
        server,
        settings: settings.cache,
        image: images.cache!,
        password: secretValue(secrets, "REDIS_PASSWORD"),
      })
    : undefined;
  const { edge, monitoring } = settings;
  const trafficSwitch = new TrafficSwitch("switch", {
    server,
    settings: settings.trafficSwitch,
    edge,
    monitoring,
    image: images.switch,
  });

  const apps: Record<string, App> = {};
  for (const name of startOrder(settings)) {
    const app = settings.apps[name]!;
    const credentials = [database, cache].flatMap((service) => service?.credential ?? []);
    const own = app.secrets.map((secret): ReleaseSecret => ({
      variable: secret,
      ...secretValue(secrets, secret),
    }));
    apps[name] = new App(name, {
      ...{ server, trafficSwitch, settings: app, domain: settings.domain },
      traffic: trafficOf(settings, name),
      secrets: [...credentials.filter(({ variable }) => app.needs.includes(SERVICES[variable]!)), ...own],
      dependsOn: app.needs.flatMap((need) => apps[need]?.ready ?? []),
    });
  }

  const httpsPort = box ? settings.server.box.ports.https : 443;
  const certificates = new Certificates("certificates", {
    ...{ server, secrets, domain: settings.domain, settings: settings.certificates },
    names: certificateNames(siteNames(settings), settings),
  });
  const front = new Edge("edge", {
    ...{ server, trafficSwitch, certificates, image: images.edge },
    site: { ...settings, httpsPort },
    dependsOn: Object.values(apps).map(({ ready }) => ready),
  });
  certificates.order(front.ready);
  // Nothing depends on it and it depends on everything: it goes first when the stack is deleted, and only its owner can.
  hostCommand("host-guard", { verb: "guard", undo: "guard", input: {} }, server, {
    ...{
      parent: host,
      dependsOn: [front.ready, ...[database, cache].flatMap((one) => one?.credential.ready ?? [])],
    },
  });
  return {
    url: `https://${settings.domain}${httpsPort === 443 ? "" : `:${httpsPort}`}/`,
    names: siteNames(settings),
    address: settings.server.address ?? "127.0.0.1",
    proxyProtocol: settings.edge.proxyProtocol,
    images: settings.images,
    certificate: certificates.trusted,
    releases: pulumi.all(
      Object.fromEntries(Object.entries(apps).map(([name, { releases }]) => [name, releases])),
    ),
    health: Object.fromEntries(Object.entries(settings.apps).map(([name, app]) => [name, probePath(app)])),
    ssh: host.command,
    connection: host.access,
    skipped: guard.skipped,
  };
}

const SERVICES: Record<string, string> = { DATABASE_URL: "database", REDIS_URL: "cache" };

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

function declareHost(settings: Settings, box: Box | undefined, take: TakeServer): Host {
  const { server, stack, secrets } = settings;
  return new Host("host", {
    ...{
      timezone: server.timezone,
      swap: server.swap,
      packages: server.packages,
      connectTimeout: server.connectTimeout,
      // A box is as new as its image.
      update: !box && server.hardening.enabled && server.hardening.updates.first,
    },
    ...{ take, claim: claimOf(settings) },
    root: rootOf(settings),
    identityFolder: `.fairlead/${stack}/ssh`,
    ...(box
      ? {
          address: "127.0.0.1",
          port: server.box.ports.ssh,
          user: server.user,
          hostKey: box.hostKey,
          privateKey: box.privateKey,
          lifetime: box.container,
        }
      : {
          ...{ address: server.address!, port: server.port, user: server.user, hostKey: server.hostKey! },
          privateKey: secrets.get("SSH_PRIVATE_KEY")?.value,
        }),
  });
}

/** Accounts and sshd beside the system's own guard, and last the firewall; sshd and firewall are confirmed each on its own. */
function guardHost(
  { server, edge }: Settings,
  { reach, tools }: Host,
): { ready: pulumi.Resource[]; skipped: pulumi.Output<string[]> | undefined } {
  const { firewall, ssh, deployUser, user } = server;
  const sshPort = server.address ? server.port : 22;
  const access = new SshAccess("ssh", {
    ...{ reach, ssh, deployUser, user, confirmWithin: firewall.confirmWithin, dependsOn: [tools] },
  });
  const hardening = server.hardening.enabled
    ? new Hardening("hardening", {
        ...{ reach, settings: server.hardening, firewall, sshPort, dependsOn: [tools] },
      })
    : undefined;
  const before = hardening ? [hardening.ready] : [];
  const wall = firewall.enabled
    ? new Firewall("firewall", {
        ...{ reach, settings: firewall, sshPort, http3: edge.http3, sysctl: hardening && SYSCTL },
        dependsOn: [tools, ...access.ready, ...before],
      })
    : undefined;
  return { ready: [...access.ready, ...before, ...(wall ? [wall.ready] : [])], skipped: hardening?.skipped };
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
