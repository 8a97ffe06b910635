import { authOf, namedPlaces, speaksGrpc, type Names } from "./places.ts";
import type { App } from "./schema/app/index.ts";
import type { Route } from "./schema/app/route.ts";

type Probed = Pick<App, "routes" | "health">;

/**
 * The health path as the edge serves it: the application's own where a route leads there, below the prefix that a route
 * takes away, else its first route.
 */
export function probePath({ routes, health }: Probed): string | undefined {
  return pathBelow(asked(routes), health.probe ?? health.path);
}

function pathBelow(routes: readonly Route[], wanted: string): string | undefined {
  if (routes.some(({ path }) => wanted.startsWith(path))) return wanted;
  const stripped = routes.find(({ strip }) => strip);
  if (stripped) return stripped.path.replace(/\/$/, "") + wanted;
  return routes[0]?.path;
}

type Placed = Names & { apps: Readonly<Record<string, Probed>>; edge: { maintenance: boolean } };

/**
 * Where an application is asked that only subdomains and other sites lead to: on the first of them that lets everybody in.
 * Nowhere during maintenance, which closes these names as a whole.
 */
export function placedProbe(config: Placed, app: string): { host: string; path: string } | undefined {
  const { health, routes } = config.apps[app]!;
  if (config.edge.maintenance || asked(routes).length > 0 || speaksGrpc(config, app)) return undefined;
  const wanted = health.probe ?? health.path;
  for (const { name, settings } of namedPlaces(config)) {
    const open = settings.routes.filter(
      (route) => route.app === app && route.allow.length === 0 && !authOf(route, settings.auth),
    );
    const path = settings.app === app && !settings.auth ? wanted : pathBelow(asked(open), wanted);
    if (path !== undefined) return { host: name, path };
  }
  return undefined;
}

/** Where each application is asked, seen from the domain's own address: a path there, or another address. */
export function probesFrom(config: Placed, domain: string): Record<string, string> {
  const rows = Object.keys(config.apps).flatMap((app): [string, string][] => {
    const path = probePath(config.apps[app]!);
    if (path !== undefined) return [[app, path]];
    const placed = placedProbe(config, app);
    if (!placed) return [];
    const url = new URL(placed.path, domain);
    url.hostname = placed.host;
    return [[app, url.href]];
  });
  return Object.fromEntries(rows);
}

/** Routes where a simple request gets an answer: those of gRPC take no other. */
function asked(routes: readonly Route[]): Route[] {
  return routes.filter(({ grpc }) => !grpc);
}

/** The route of an application that answers a path: the longest that leads there. */
export function routeOf({ routes }: Pick<App, "routes">, path: string): Route | undefined {
  const fitting = routes.filter((route) => path.startsWith(route.path));
  return fitting.sort((a, b) => b.path.length - a.path.length)[0];
}

/** Paths that are asked for to see whether applications work; sorted, none twice. */
export function healthPaths(apps: Record<string, Probed>): string[] {
  const paths = Object.values(apps).flatMap((app) => {
    const own = asked(app.routes).some(({ path }) => app.health.path.startsWith(path))
      ? [app.health.path]
      : [];
    const probed = probePath(app);
    return probed ? [...own, probed] : own;
  });
  return [...new Set(paths)].sort();
}

/** What the switch takes for health, and an answer of the edge's own limits, which says nothing about the application. */
const SERVES = "200-399,429";

/**
 * Statuses that mean health, of the applications that declare some. A status is about the paths that the switch asks; a path
 * for the edge alone may answer any 2xx as well. What a subdomain or site leads to may send its visitors on, to a login.
 */
export function statusesOf(config: Placed): Record<string, string> | undefined {
  const rows = Object.entries(config.apps).flatMap(([app, { health }]): [string, string][] => {
    const { status, probe } = health;
    if (status !== undefined) return [[app, probe === undefined ? status : `${status},200-299`]];
    return placedProbe(config, app) ? [[app, SERVES]] : [];
  });
  return rows.length > 0 ? Object.fromEntries(rows) : undefined;
}
