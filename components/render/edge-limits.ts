import type { App, Route } from "../../config/schema/app.ts";
import type { Limits } from "../../config/schema/limits.ts";
import { asset } from "../assets.ts";
import { slug } from "./edge-places.ts";
import { fill } from "./fill.ts";
import { healthPaths } from "./probe-path.ts";

type Routed = Record<string, Pick<App, "routes" | "health">>;

/** Endings of what pages load beside themselves: styles, scripts, pictures, fonts, sounds and films. */
const FILES = [
  ...["css", "js", "mjs", "map", "wasm", "webmanifest"],
  ...["avif", "bmp", "gif", "ico", "jpeg", "jpg", "png", "svg", "webp"],
  ...["eot", "otf", "ttf", "woff", "woff2"],
  ...["m4a", "mp3", "mp4", "ogg", "vtt", "wav", "webm"],
];

/** A development build of a page loads several hundred. */
const FILES_AT_ONCE = 1000;

/** Zones of the edge's limits and of the routes that have one of their own (ngx_http_limit_req_module). */
export function limitZones(limits: Limits, apps: Routed): string {
  const own = Object.keys(apps)
    .sort()
    .flatMap((app) =>
      apps[app]!.routes.flatMap(({ limit, path }) =>
        limit ? [`limit_req_zone $route_key zone=${zone(app, path)}:10m rate=${limit.rate};`] : [],
      ),
    );
  const { enabled, rate, fileRate, healthRate, exempt } = limits;
  const common = fill(asset("edge/limits.conf"), {
    ...{ rate, fileRate, healthRate },
    files: FILES.join("|"),
    exempt: exempt.map((network) => `${network} 0;`).join("\n"),
    health: healthPaths(apps)
      .map((path) => `"${path}" 1;`)
      .join("\n"),
  });
  if (!enabled && own.length === 0) return "";
  return [common, ...own].join("\n");
}

/** The limits of the whole site; one second of health probes may come at once. */
export function siteLimits({ enabled, burst, connections, streams }: Limits): string[] {
  if (!enabled) return [];
  return [
    `limit_req zone=ip_limit${atOnce(burst)};`,
    `limit_req zone=files burst=${FILES_AT_ONCE} nodelay;`,
    "limit_req zone=health burst=60 nodelay;",
    ...connectionLimits({ enabled, connections, streams }),
  ];
}

/** One limit_conn in a location hides all that are above it. */
export function connectionLimits({
  enabled,
  connections,
  streams,
}: Pick<Limits, "enabled" | "connections" | "streams">): string[] {
  return enabled ? [`limit_conn addr ${connections};`, `limit_conn streams ${streams};`] : [];
}

/** A route with a limit of its own has those of the site too: one limit_req in a location hides all that are above it. */
export function routeLimits(app: string, { path, limit }: Route, limits: Limits): string[] {
  if (!limit) return [];
  const above = siteLimits(limits).filter((line) => line.startsWith("limit_req "));
  return [...above, `limit_req zone=${zone(app, path)}${atOnce(limit.burst)};`];
}

/** Nginx takes no burst of 0. */
function atOnce(burst: number): string {
  return burst === 0 ? "" : ` burst=${burst} nodelay`;
}

function zone(app: string, path: string): string {
  return `route_${app}_${slug(path)}`;
}
