import { asList, asMap, asText, type JsonMap } from "./compose/json.ts";
import type { Service } from "./compose/service.ts";
import type { Target } from "./target.ts";
import type { Group } from "./group.ts";
import { label } from "./names.ts";
import type { Notes } from "./notes.ts";
import { compact } from "./process.ts";
import { ownHosts, sayOtherAddresses } from "./own-address.ts";
import type { Address } from "./facts.ts";
import { addressesOf, mainDomain } from "./routing.ts";

/** Which application answers where. */
export interface Plan {
  domain: string;
  email?: string;
  routes: Map<string, JsonMap[]>;
  subdomains: JsonMap;
  sites: JsonMap;
}

/** Names and paths from the old proxy's labels; where it had none, from the ports that were published. */
export function plan(
  groups: readonly Group[],
  services: readonly Service[],
  target: Target,
  notes: Notes,
): Plan {
  const webs = groups.flatMap(({ name, web }) => (web ? [{ name, web, addresses: addressesOf(web) }] : []));
  const hosts = webs.flatMap(({ addresses }) =>
    addresses.map(({ host }) => host).filter((host) => host !== ""),
  );
  const before = mainDomain(hosts) ?? mainDomain(ownHosts(services));
  const domain = target.domain ?? before ?? `${target.stack}.localhost`;
  sayOtherAddresses(services, domain, before, notes);
  const result: Plan = { domain, email: emailOf(services), routes: new Map(), subdomains: {}, sites: {} };
  for (const { name, web, addresses } of webs)
    for (const address of addresses) place(result, name, web, address, notes);
  const placed = new Set([
    ...result.routes.keys(),
    ...Object.values(result.subdomains).map((one) => JSON.stringify(one)),
  ]);
  const silent = webs.filter(({ addresses, web }) => addresses.length === 0 && !web.facts);
  const published = silent.filter(({ web }) => web.ports.length > 0);
  const open = published.length > 0 || hosts.length > 0 ? published : silent.slice(0, 1);
  for (const { name, web } of open) {
    if (placed.size === 0 || (result.routes.size === 0 && hosts.length === 0)) {
      add(result, name, route(web, "/", false));
      placed.add(name);
      notes.add(web.name, "ports", "different", `It answers at https://${domain}/.`);
    } else {
      const own = label(web.name);
      result.subdomains[own] = { app: name };
      notes.add(
        web.name,
        "ports",
        "different",
        `It answers at https://${own}.${domain}/, because a port of its own isn't open.`,
      );
    }
  }
  return result;
}

function place(result: Plan, app: string, web: Service, { host, path, strip }: Address, notes: Notes): void {
  const plain = host.replace(/^www\./, "");
  const one = route(web, path, strip);
  if (plain === "" || plain === result.domain) return add(result, app, one);
  const below = plain.endsWith(`.${result.domain}`) ? plain.slice(0, -result.domain.length - 1) : undefined;
  if (below !== undefined && /^[a-z][a-z0-9-]*$/.test(below)) return join(result.subdomains, below, app, one);
  join(result.sites, plain, app, one);
  notes.add(web.name, `host ${host}`, "taken", `As a site of its own: sites.${plain}.`);
}

/** One application more at a name: alone with all paths, or each at its own. */
function join(places: JsonMap, name: string, app: string, one: JsonMap): void {
  const before = asMap(places[name]);
  const { path, websocket: _websocket, csp: _csp, ...more } = one;
  if (Object.keys(before).length === 0 && path === "/" && Object.keys(more).length === 0) {
    places[name] = { app, csp: false };
    return;
  }
  const own = asText(before.app);
  const others =
    own === undefined ? asList(before.routes) : [{ path: "/", app: own, websocket: true, csp: false }];
  if (others.every((other) => asMap(other).path !== path))
    places[name] = { routes: [...others, { ...one, app }] };
}

function add(result: Plan, app: string, one: JsonMap): void {
  const before = result.routes.get(app) ?? [];
  const taken = [...result.routes.values()].flat().some(({ path }) => path === one.path);
  if (!taken) result.routes.set(app, [...before, one]);
}

/** A route that lets through what Compose did: WebSockets, the application's own policy, and larger uploads where it keeps files. */
function route({ mounts, facts }: Service, path: string, strip: boolean): JsonMap {
  const keepsFiles = mounts.some(({ type, source }) => type === "volume" && source !== undefined);
  return compact({
    path: path === "/" || path.endsWith("/") ? path : `${path}/`,
    strip: strip || undefined,
    websocket: true,
    csp: false,
    maxBody: keepsFiles ? "100 MB" : undefined,
    ...facts?.route,
  });
}

function emailOf(services: readonly Service[]): string | undefined {
  return services
    .map(({ environment }) => environment.LETSENCRYPT_EMAIL)
    .find((one) => one !== undefined && one !== "");
}
