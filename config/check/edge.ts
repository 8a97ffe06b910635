import type { Problem } from "../problems.ts";
import { trustedNetworks } from "../proxies.ts";
import type { StackConfig } from "../schema/index.ts";

/** What the schema of the edge alone can't see: names that are declared twice, routes that contradict themselves. */
export function checkEdge(config: StackConfig): Problem[] {
  return [
    ...checkSubdomains(config),
    ...checkAliases(config),
    ...checkCaches(config),
    ...checkProxies(config),
  ];
}

function checkSubdomains({ edge, apps }: StackConfig): Problem[] {
  return Object.entries(edge.subdomains).flatMap(([name, { app }]): Problem[] => {
    const path = `edge.subdomains.${name}`;
    if (name === "www" && edge.www)
      return [
        {
          path,
          message: "www already redirects to the domain",
          remedy: "Set edge.www to false, or remove it.",
        },
      ];
    if (app === undefined || apps[app]) return [];
    return [
      {
        path: `${path}.app`,
        message: `expected one of ${Object.keys(apps).join(", ")}, found "${app}"`,
        remedy: "Correct it, or name an upstream.",
      },
    ];
  });
}

function checkAliases({ domain, edge }: StackConfig): Problem[] {
  const taken = [domain, ...Object.keys(edge.subdomains).map((label) => `${label}.${domain}`)];
  return edge.aliases.flatMap((alias, index): Problem[] => {
    if (!taken.includes(alias)) return [];
    const path = `edge.aliases[${index}]`;
    return [{ path, message: `${alias} already has a site of its own`, remedy: "Remove it here or there." }];
  });
}

function checkCaches({ apps }: StackConfig): Problem[] {
  return Object.entries(apps).flatMap(([name, { routes }]) =>
    routes.flatMap(({ cache, noStore, websocket, stream }, index): Problem[] => {
      if (cache === undefined || !(noStore || websocket || stream)) return [];
      const other = noStore ? "noStore forbids it" : `a ${websocket ? "WebSocket" : "stream"} can't be kept`;
      const path = `apps.${name}.routes[${index}].cache`;
      return [{ path, message: other, remedy: "Remove one of the two." }];
    }),
  );
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
