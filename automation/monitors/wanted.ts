import { authOf, namedPlaces, type NamedPlace } from "../../config/places.ts";
import { probesFrom, routeOf } from "../../config/probe-path.ts";
import type { StackConfig } from "../../config/schema/index.ts";

/** What an uptime monitor outside should ask. */
export interface Monitor {
  name: string;
  url: string;
  /** The one status that means health; any 2xx when absent. */
  status?: number;
  /** Text that a healthy answer has. */
  keyword?: string;
}

type Watched = Pick<StackConfig, "domain" | "apps" | "edge" | "sites">;

/** A login is asked for: it works. */
const LOGIN = 401;

/**
 * Addresses that say from outside whether the stack works (M35): its front page, the health of each application, and every other
 * name that isn't only a redirect. Maintenance closes all but health.
 */
export function wantedMonitors(config: Watched): Monitor[] {
  const site = `https://${config.domain}`;
  const probes = Object.entries(probesFrom(config, site)).map(([app, path]) => ({
    name: app,
    url: new URL(path, site).href,
  }));
  const asked = new Set(probes.map(({ url }) => new URL(url).hostname));
  const others = namedPlaces(config).filter(({ name }) => !asked.has(name));
  const places = config.edge.maintenance ? [] : [...front(config), ...others.flatMap(ofPlace)];
  const all = [...places.filter(({ url }) => url === `${site}/`), ...probes, ...places];
  return all.filter(({ url }, index) => all.findIndex((one) => one.url === url) === index);
}

function front({ domain, apps }: Watched): Monitor[] {
  const routes = Object.values(apps).flatMap((app) => routeOf(app, "/") ?? []);
  const route = routes.find(({ grpc, allow }) => !grpc && allow.length === 0);
  if (!route) return [];
  return [{ name: domain, url: `https://${domain}/`, ...login(authOf(route, undefined) !== undefined) }];
}

function ofPlace({ name, settings }: NamedPlace): Monitor[] {
  const { app, routes, auth, redirect } = settings;
  const upstream = "upstream" in settings ? settings.upstream : undefined;
  const pages = "pages" in settings ? settings.pages : undefined;
  const whole = [app, upstream, pages].some((answer) => answer !== undefined);
  const route = routes.find(({ path, grpc, allow }) => path === "/" && !grpc && allow.length === 0);
  if (redirect !== undefined || (!whole && !route)) return [];
  const asksFor = route ? authOf(route, auth) : auth;
  return [{ name, url: `https://${name}/`, ...login(asksFor !== undefined) }];
}

const login = (asked: boolean): { status?: number } => (asked ? { status: LOGIN } : {});
