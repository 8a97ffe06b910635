import type { Route } from "./schema/app/route.ts";
import type { Auth } from "./schema/auth.ts";
import type { OtherSite } from "./schema/site.ts";
import type { Subdomain } from "./schema/subdomain.ts";

/** Where names of the edge are declared; `sites` may be absent where a test has none. */
export interface Names {
  domain: string;
  edge: { subdomains: Readonly<Record<string, Subdomain>> };
  sites?: Readonly<Record<string, OtherSite>>;
}

/** A name beside the domain with something of its own: a subdomain or another site. */
export interface NamedPlace {
  /** Host name. */
  name: string;
  /** Its label or its domain: no two places have the same. */
  key: string;
  /** Where the stack file declares it. */
  path: string;
  settings: Subdomain | OtherSite;
  /** Another site stands for itself; a subdomain belongs to the domain. */
  site: boolean;
}

/** Subdomains, then other sites; each sorted. */
export function namedPlaces({ domain, edge, sites = {} }: Names): NamedPlace[] {
  const below = sorted(edge.subdomains).map(([label, settings]) => ({
    name: `${label}.${domain}`,
    key: label,
    path: `edge.subdomains.${label}`,
    settings,
    site: false,
  }));
  const others = sorted(sites).map(([name, settings]) => ({
    name,
    key: name,
    path: `sites.${name}`,
    settings,
    site: true,
  }));
  return [...below, ...others];
}

/** Applications that subdomains and other sites lead to, with where each is said. */
export function leads(names: Names): { app: string; path: string; route?: Route }[] {
  return namedPlaces(names).flatMap(({ path, settings: { app, routes } }) => [
    ...(app === undefined ? [] : [{ app, path: `${path}.app` }]),
    ...routes.map((route, index) => ({ app: route.app, path: `${path}.routes[${index}].app`, route })),
  ]);
}

/** Whether an application is reached over HTTP/2: a route of it carries gRPC. */
export function speaksGrpc(
  config: Names & { apps: Readonly<Record<string, { routes: readonly Route[] }>> },
  app: string,
): boolean {
  const placed = leads(config).some((lead) => lead.app === app && lead.route?.grpc);
  return placed || (config.apps[app]?.routes.some(({ grpc }) => grpc) ?? false);
}

/** A route of an application, a subdomain or another site, and where the stack file has it. */
export interface DeclaredRoute {
  path: string;
  route: Route;
  /** Who may see it: by its own setting, or by that of its subdomain or site. */
  auth: Auth | undefined;
}

/** Routes of applications, of subdomains and of other sites. */
export function everyRoute(
  config: Names & { apps: Readonly<Record<string, { routes: readonly Route[] }>> },
): DeclaredRoute[] {
  const own = Object.entries(config.apps).flatMap(([name, { routes }]) =>
    routes.map((route, index) => ({
      path: `apps.${name}.routes[${index}]`,
      route,
      auth: authOf(route, undefined),
    })),
  );
  const placed = namedPlaces(config).flatMap(({ path, settings }) =>
    settings.routes.map((route, index) => ({
      path: `${path}.routes[${index}]`,
      route,
      auth: authOf(route, settings.auth),
    })),
  );
  return [...own, ...placed];
}

/** @param around what the subdomain or site of the route says */
export function authOf({ auth }: Pick<Route, "auth">, around: Auth | undefined): Auth | undefined {
  return auth === false ? undefined : (auth ?? around);
}

/** How long an application may be silent on any route, in seconds: the switch waits so long, the edge knows each route. */
export function longestSilence(
  config: Names & {
    apps: Readonly<Record<string, { routes: readonly Route[] }>>;
    edge: { proxyTimeout: number };
  },
): number {
  const routes = [
    ...Object.values(config.apps).flatMap((app) => app.routes),
    ...leads(config).flatMap(({ route }) => route ?? []),
  ];
  return Math.max(config.edge.proxyTimeout, ...routes.map(({ timeout }) => timeout ?? 0));
}

function sorted<Value>(record: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}
