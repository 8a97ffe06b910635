import { everyRoute, leads, namedPlaces } from "../places.ts";
import { probePath, routeOf } from "../probe-path.ts";
import type { Problem } from "../problems.ts";
import { trustedNetworks } from "../proxies.ts";
import type { StackConfig } from "../schema/index.ts";

/** What the schema of the edge alone can't see: names that are declared twice, routes that contradict themselves. */
export function checkEdge(config: StackConfig): Problem[] {
  return [
    ...checkWww(config),
    ...checkLeads(config),
    ...checkUpstreams(config),
    ...checkPlacedRoutes(config),
    ...checkSites(config),
    ...checkProtected(config),
    ...checkTimeouts(config),
    ...checkGrpc(config),
    ...checkStripped(config),
    ...checkLimits(config),
    ...checkAliases(config),
    ...checkCaches(config),
    ...checkProxies(config),
  ];
}

function checkWww({ edge }: StackConfig): Problem[] {
  if (!edge.www || !edge.subdomains.www) return [];
  const remedy = "Set edge.www to false, or remove it.";
  return [{ path: "edge.subdomains.www", message: "www already redirects to the domain", remedy }];
}

function checkLeads(config: StackConfig): Problem[] {
  const known = Object.keys(config.apps);
  return leads(config).flatMap(({ app, path }): Problem[] => {
    if (known.includes(app)) return [];
    const message = `expected one of ${known.join(", ")}, found "${app}"`;
    const other = path.startsWith("sites.") ? "a redirect" : "an upstream";
    return [{ path, message, remedy: `Correct it, or name ${other}.` }];
  });
}

/** No container has an application's name where nothing calls it inside; and where one has, `app` says the same. */
function checkUpstreams({ edge, apps }: StackConfig): Problem[] {
  return Object.entries(edge.subdomains).flatMap(([label, { upstream }]): Problem[] => {
    const host = upstream?.split(":")[0];
    if (host === undefined || !(host in apps)) return [];
    const message = `${host} is an application of this stack`;
    return [{ path: `edge.subdomains.${label}.upstream`, message, remedy: `Write app: ${host} instead.` }];
  });
}

/** Nginx takes each path once for each name. */
function checkPlacedRoutes(config: StackConfig): Problem[] {
  return namedPlaces(config).flatMap(({ path, settings: { routes } }) =>
    routes.flatMap((route, index): Problem[] => {
      const first = routes.find((other) => other.path === route.path)!;
      if (first === route) return [];
      const message = `"${route.path}" already goes to ${first.app}`;
      const remedy = "Give every path to one application.";
      return [{ path: `${path}.routes[${index}].path`, message, remedy }];
    }),
  );
}

/** A name belongs to one place. */
function checkSites(config: StackConfig): Problem[] {
  const { domain, edge } = config;
  const www = edge.www ? [`www.${domain}`] : [];
  const below = Object.keys(edge.subdomains).map((label) => `${label}.${domain}`);
  const owners = new Map([...www, domain, ...below].map((name) => [name, domain]));
  return Object.entries(config.sites).flatMap(([name, { www }]): Problem[] => {
    const names = [name, ...(www && !name.startsWith("www.") ? [`www.${name}`] : [])];
    const taken = names.find((one) => owners.has(one));
    const owner = taken && owners.get(taken)!;
    for (const one of names) owners.set(one, name);
    if (taken === undefined) return [];
    const path = `sites.${name}`;
    if (name === domain) {
      const message = `${name} is the stack's domain already`;
      return [{ path, message, remedy: "Remove it: what answers there are the routes of the applications." }];
    }
    const message = `${taken} already belongs to ${owner}`;
    return [{ path, message, remedy: "Remove it here or there." }];
  });
}

function checkAliases(config: StackConfig): Problem[] {
  const { domain, edge } = config;
  const taken = [domain, ...namedPlaces(config).map(({ name }) => name)];
  return edge.aliases.flatMap((alias, index): Problem[] => {
    if (!taken.includes(alias)) return [];
    const path = `edge.aliases[${index}]`;
    return [{ path, message: `${alias} already has a site of its own`, remedy: "Remove it here or there." }];
  });
}

function checkCaches(config: StackConfig): Problem[] {
  return everyRoute(config).flatMap(({ path, route, auth }): Problem[] => {
    const { cache, noStore, websocket, stream, buffering, allow } = route;
    if (cache === undefined) return [];
    const other = noStore
      ? "noStore forbids it"
      : websocket || stream
        ? `a ${websocket ? "WebSocket" : "stream"} can't be kept`
        : !buffering
          ? "without buffering nothing can be kept"
          : allow.length > 0 || auth
            ? "what few may see isn't kept for all"
            : undefined;
    return other ? [{ path: `${path}.cache`, message: other, remedy: "Remove one of the two." }] : [];
  });
}

/** A WebSocket is silent for as long as all of them may be: the switch knows one figure. */
function checkTimeouts(config: StackConfig): Problem[] {
  return everyRoute(config).flatMap(({ path, route: { timeout, websocket } }): Problem[] => {
    if (timeout === undefined || !websocket) return [];
    const message = "WebSockets have edge.websocketTimeout";
    return [
      { path: `${path}.timeout`, message, remedy: "Remove it, or make a route of its own for the rest." },
    ];
  });
}

/** gRPC is a stream of its own over HTTP/2: what stores, keeps or changes an answer has no place in it. */
function checkGrpc(config: StackConfig): Problem[] {
  return everyRoute(config).flatMap(({ path, route }): Problem[] => {
    if (!route.grpc) return [];
    const others = {
      websocket: route.websocket,
      stream: route.stream,
      assets: route.assets,
      noStore: route.noStore,
      cache: route.cache !== undefined,
      buffering: !route.buffering,
    };
    return Object.entries(others).flatMap(([name, set]): Problem[] => {
      if (!set) return [];
      const message = "gRPC is passed on as it comes, always";
      return [
        { path: `${path}.${name}`, message, remedy: `Remove ${name} or grpc, or make a route of its own.` },
      ];
    });
  });
}

/** Limits of a name count with the edge's, and nothing is counted for a redirect. */
function checkLimits(config: StackConfig): Problem[] {
  return namedPlaces(config).flatMap(({ path, settings: { limits, redirect } }): Problem[] => {
    if (!limits) return [];
    const message = redirect
      ? "a redirect has no limits"
      : config.edge.limits.enabled
        ? undefined
        : "edge.limits.enabled is false, which is for all names";
    return message === undefined
      ? []
      : [{ path: `${path}.limits`, message, remedy: "Remove one of the two." }];
  });
}

function checkStripped(config: StackConfig): Problem[] {
  return everyRoute(config).flatMap(({ path, route }): Problem[] => {
    if (!route.strip || route.path !== "/") return [];
    const message = "the path / has no prefix to take away";
    return [
      { path: `${path}.strip`, message, remedy: "Remove it, or give the route a path such as /shop/." },
    ];
  });
}

/** The health check asks from the internet, so the path that it asks must stay open. */
function checkProtected({ apps }: StackConfig): Problem[] {
  return Object.entries(apps).flatMap(([name, app]): Problem[] => {
    const probe = probePath(app);
    const route = probe && routeOf(app, probe);
    if (!route || (route.allow.length === 0 && !route.auth) || probe !== route.path) return [];
    const setting = route.auth ? "auth" : "allow";
    return [
      {
        path: `apps.${name}.routes[${app.routes.indexOf(route)}].${setting}`,
        message: `the health of ${name} is asked for at ${probe}, which would be open to everybody`,
        remedy: `Set apps.${name}.health.probe to a path below a route that anybody may see, such as ${probe}health.`,
      },
    ];
  });
}

/** A trusted proxy may claim any address for a visitor, so the whole internet can't be trusted. */
function checkProxies({ edge }: StackConfig): Problem[] {
  const { trustedProxies, proxyProtocol, http3 } = edge;
  const networks = trustedNetworks(trustedProxies);
  const problems = networks.flatMap((network, index): Problem[] => {
    if (!/\/0+$/.test(network)) return [];
    return [
      {
        path: `edge.trustedProxies[${index}]`,
        message: `${network} is the whole internet: each visitor could claim any address`,
        remedy: "Name the addresses from which your CDN or load balancer asks.",
      },
    ];
  });
  if (!proxyProtocol) return problems;
  const path = "edge.proxyProtocol";
  if (networks.length === 0)
    problems.push({
      path,
      message: "no proxy is trusted to send it, so its addresses would be ignored",
      remedy: "Set edge.trustedProxies to the addresses of the load balancer.",
    });
  if (http3)
    problems.push({
      path,
      message: "HTTP/3 has no PROXY protocol, so its visitors would have the load balancer's address",
      remedy: "Set edge.http3 or edge.proxyProtocol to false.",
    });
  return problems;
}
