import { asFlag, asList, asMap, asText, type Json, type JsonMap } from "../compose/json.ts";
import { duration, size } from "../compose/units.ts";
import type { Facts } from "../facts.ts";
import { compact } from "../process.ts";

/** What Kamal's proxy asks where nothing says it. */
const DEFAULT = { port: 80, path: "/up" };

/** A number as YAML for Ruby has it, `40_000_000`. */
export function figureOf(value: Json | undefined): number | undefined {
  const text = asText(value)?.replaceAll("_", "");
  return text !== undefined && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

export const secondsOf = (value: Json | undefined): string | undefined => {
  const count = figureOf(value);
  return count === undefined ? undefined : duration(count);
};

/** Where a role answers, and how. */
export function answersOf(proxy: JsonMap): Pick<Facts, "port" | "addresses" | "route" | "health"> {
  const hosts = [proxy.host, ...asList(proxy.hosts)].flatMap((one) => asText(one) ?? []);
  const prefixes = [...(asText(proxy.path_prefix) ?? "").split(","), ...asList(proxy.path_prefixes)]
    .flatMap((one) => (asText(one) ?? "").trim())
    .filter((one) => one !== "");
  const strip = proxy.strip_path_prefix === undefined || asFlag(proxy.strip_path_prefix);
  const paths = prefixes.length > 0 ? prefixes : ["/"];
  const check = asMap(proxy.healthcheck);
  return {
    port: figureOf(proxy.app_port) ?? DEFAULT.port,
    addresses: (hosts.length > 0 ? hosts : [""]).flatMap((host) =>
      paths.map((path) => ({ host: host.toLowerCase(), path, strip: strip && path !== "/" })),
    ),
    route: routeOf(proxy),
    health: compact({ path: asText(check.path) ?? DEFAULT.path, timeout: secondsOf(check.timeout) }),
  };
}

function routeOf(proxy: JsonMap): JsonMap {
  const buffering = asMap(proxy.buffering);
  const off = [buffering.requests, buffering.responses].some((one) => one === false);
  const body = figureOf(buffering.max_request_body);
  return compact({
    buffering: off ? false : undefined,
    maxBody: body ? size(body) : undefined,
  });
}
