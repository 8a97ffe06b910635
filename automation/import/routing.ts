import type { Service } from "./compose/service.ts";
import type { Address } from "./facts.ts";

/** Addresses from the labels of Traefik and Caddy, and from the variables of nginx-proxy. */
export function addressesOf({ labels, environment, facts }: Service): Address[] {
  if (facts) return facts.addresses;
  const strips = Object.keys(labels).some((key) => /\.stripprefix(regex)?\.prefixes$/i.test(key));
  const traefik = Object.entries(labels)
    .filter(([key]) => /^traefik\.http\.routers\.[^.]+\.rule$/.test(key))
    .flatMap(([, rule]) => fromRule(rule, strips));
  const caddy = Object.entries(labels)
    .filter(([key]) => /^caddy(_\d+)?$/.test(key))
    .flatMap(([, hosts]) => hosts.split(/[,\s]+/));
  const nginx = (environment.VIRTUAL_HOST ?? "").split(",");
  const others = [...caddy, ...nginx].map((host) => host.replace(/^https?:\/\//, "").trim()).filter(isHost);
  const path = environment.VIRTUAL_PATH ?? "/";
  return unique([...traefik, ...others.map((host) => ({ host, path, strip: false }))]);
}

/** Variables that only the old proxy read. */
export const PROXY_VARIABLES = /^(VIRTUAL_(HOST|PORT|PATH|PROTO|DEST)|LETSENCRYPT_(HOST|EMAIL)|ACME_\w+)$/;

const isHost = (text: string): boolean => /^[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(text);

/** ``Host(`a.org`, `b.org`) && PathPrefix(`/api`)`` (Traefik, routers). */
function fromRule(rule: string, strip: boolean): Address[] {
  const inside = (name: string): string[] =>
    [...rule.matchAll(new RegExp(`\\b${name}\\(([^)]*)\\)`, "g"))].flatMap(([, list]) =>
      [...list!.matchAll(/[`'"]([^`'"]+)[`'"]/g)].map(([, one]) => one!),
    );
  const paths = [...inside("PathPrefix"), ...inside("Path")];
  const hosts = inside("Host").filter(isHost);
  return hosts.flatMap((host) =>
    (paths.length > 0 ? paths : ["/"]).map((path) => ({
      host: host.toLowerCase(),
      path,
      strip: strip && path !== "/",
    })),
  );
}

function unique(addresses: readonly Address[]): Address[] {
  return [...new Map(addresses.map((one) => [`${one.host}${one.path}`, one])).values()];
}

/** The domain of a stack: of all host names the one that the others end with, or else the shortest. */
export function mainDomain(hosts: readonly string[]): string | undefined {
  const plain = [...new Set(hosts.map((host) => host.replace(/^www\./, "")))];
  const below = (domain: string): number => plain.filter((host) => host.endsWith(`.${domain}`)).length;
  return plain.sort((one, other) => below(other) - below(one) || one.length - other.length)[0];
}
