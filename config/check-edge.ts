import type { Problem } from "./problems.ts";
import type { StackConfig } from "./schema/index.ts";

/** What the schema of the edge alone can't see: names that are there twice, routes that contradict themselves. */
export function checkEdge(config: StackConfig): Problem[] {
  return [...checkSubdomains(config), ...checkAliases(config), ...checkCaches(config)];
}

function checkSubdomains({ edge, apps }: StackConfig): Problem[] {
  return Object.entries(edge.subdomains).flatMap(([name, { app }]): Problem[] => {
    const path = `edge.subdomains.${name}`;
    if (name === "www" && edge.www)
      return [
        {
          path,
          message: "www already leads to the domain",
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
    return [
      { path, message: `${alias} already has something of its own`, remedy: "Remove it here or there." },
    ];
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
