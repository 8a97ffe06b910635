import { asMap, asText, type Json } from "./compose/json.ts";
import { argv, type Service } from "./compose/service.ts";

/** Ports of protocols that aren't HTTP: the edge can't answer for them. */
const NOT_HTTP = new Set([21, 22, 25, 53, 110, 143, 465, 587, 993, 995, 1883, 3306, 5432, 6379, 8883, 27017]);

/** The port on which a service answers HTTP, from the surest sign to the weakest; `undefined` for one that doesn't. */
export function httpPort(service: Service): number | undefined {
  const { labels, environment, ports, expose, raw, facts } = service;
  const http = (port: number): boolean => !NOT_HTTP.has(port);
  if (facts) return facts.port !== undefined && http(facts.port) ? facts.port : undefined;
  const traefik = Object.entries(labels).find(([key]) =>
    /^traefik\.http\.services\..*\.server\.port$/.test(key),
  );
  const caddy = /\{\{upstreams (\d+)\}\}/.exec(labels["caddy.reverse_proxy"] ?? "")?.[1];
  const published = ports.find(({ target, protocol }) => protocol === "tcp" && http(target))?.target;
  const checked = requestOf(asMap(raw.healthcheck).test)?.port;
  const bound = /(?:--port[ =]|--bind[ =]\S*:|-b \S*:|-p )(\d{2,5})\b/.exec(
    (service.command ?? []).join(" "),
  )?.[1];
  const signs = [
    traefik?.[1],
    caddy,
    environment.VIRTUAL_PORT,
    published,
    expose.find(http),
    checked,
    environment.PORT,
    bound,
  ];
  const found = signs.map(Number).find((port) => Number.isInteger(port) && port > 0 && port < 65536);
  return found;
}

/** Ports that are published and that the edge can't answer for. */
export function otherPorts(service: Service, port: number | undefined): string[] {
  return service.ports
    .filter(({ target, protocol }) => target !== port || protocol !== "tcp")
    .map(({ target, published, protocol }) => `${published ?? target}:${target}/${protocol}`);
}

/** The request that a check makes of its own service by curl or wget; `undefined` for any other check. */
export function requestOf(
  test: Json | undefined,
): { path: string; port?: number; host?: string } | undefined {
  const line = (argv(test) ?? []).join(" ");
  if (!/\b(curl|wget)\b/.test(typeof test === "string" ? test : line)) return undefined;
  const text = typeof test === "string" ? test : line;
  const [, port, path] =
    /https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0)(?::(\d+))?(\/[^\s'"|;&)?]*)?/.exec(text) ?? [];
  if (port === undefined && path === undefined && !/https?:\/\/(localhost|127\.0\.0\.1)/.test(text))
    return undefined;
  const host = /(?:-[a-zA-Z]*H|--header)[ =]['"]?Host: ?([^\s'"]+)/i.exec(text)?.[1];
  return { path: path ?? "/", port: port === undefined ? undefined : Number(port), host };
}

/** The words of a check that is no request; `undefined` where there is none. */
export function checkCommand(test: Json | undefined): string[] | undefined {
  if (typeof test === "string") return ["sh", "-c", test];
  const [kind, ...rest] = argv(test) ?? [];
  if (kind === "CMD") return rest;
  return kind === "CMD-SHELL" ? ["sh", "-c", rest.join(" ")] : undefined;
}

export const figure = (value: Json | undefined): number | undefined => {
  const text = asText(value);
  return text !== undefined && text !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
};
