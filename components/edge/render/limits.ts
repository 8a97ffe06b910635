import { namedPlaces } from "../../../config/places.ts";
import type { App } from "../../../config/schema/app/index.ts";
import type { Limits } from "../../../config/schema/limits.ts";
import { toNginxRate, type Rate } from "../../../config/units.ts";
import { asset } from "../../lib/assets.ts";
import { placeName, type Place } from "./places.ts";
import type { Site } from "../site.ts";
import { fill } from "../../lib/fill.ts";
import { healthPaths } from "../../../config/probe-path.ts";

type Routed = Record<string, Pick<App, "routes" | "health">>;

/** Endings of the files that pages load: styles, scripts, pictures, fonts, sounds and films. */
const FILES = [
  "css js mjs map wasm webmanifest",
  "avif bmp gif ico jpeg jpg png svg webp",
  "eot otf ttf woff woff2",
  "m4a mp3 mp4 ogg vtt wav webm",
].flatMap((kind) => kind.split(" "));

/** A development build of a page loads several hundred. */
const FILES_AT_ONCE = 1000;

/**
 * Zones of the edge's limits and of the routes that have one of their own (ngx_http_limit_req_module).
 * @param places every route of the edge
 * @param named limits of subdomains and other sites that have their own
 */
export function limitZones(
  limits: Limits,
  apps: Routed,
  places: readonly Place[],
  named: readonly PlaceLimits[] = [],
): string {
  const own = places
    .toSorted((a, b) => (a.app === b.app ? 0 : a.app < b.app ? -1 : 1))
    .flatMap((place) => (place.route.limit ? [routeZone(place, place.route.limit.rate)] : []));
  const { enabled, rate, fileRate, healthRate, exempt } = limits;
  const common = fill(asset("edge/limits.conf"), {
    rate: toNginxRate(rate),
    fileRate: toNginxRate(fileRate),
    healthRate: toNginxRate(healthRate),
    files: FILES.join("|"),
    exempt: exempt.map((network) => `${network} 0;`).join("\n"),
    health: healthPaths(apps)
      .map((path) => `"${path}" 1;`)
      .join("\n"),
  });
  if (!enabled && own.length === 0) return "";
  const others = enabled ? named.flatMap(namedZones) : [];
  return [common, ...others, ...own].join("\n");
}

/** The limits that count on the domain, or on a subdomain or another site. */
export interface PlaceLimits extends Pick<Limits, "enabled" | "rate" | "burst" | "connections" | "streams"> {
  /** What the names of its zones end with: nothing for those that names without limits of their own share. */
  zone: string;
}

/** @param key of the subdomain or site; absent on the domain */
export function limitsOf(site: Site, key?: string): PlaceLimits {
  const { enabled, rate, burst, connections, streams } = site.edge.limits;
  const own = namedPlaces(site).find((place) => place.key === key)?.settings.limits;
  return {
    enabled,
    rate: own?.rate ?? rate,
    burst: own?.burst ?? burst,
    connections: own?.connections ?? connections,
    streams: own?.streams ?? streams,
    zone: own ? `_${key}` : "",
  };
}

/** Of every subdomain and site that has limits of its own. */
export function namedLimits(site: Site): PlaceLimits[] {
  return namedPlaces(site)
    .filter(({ settings }) => settings.limits !== undefined)
    .map(({ key }) => limitsOf(site, key));
}

function namedZones({ rate, zone }: PlaceLimits): string[] {
  return [
    `limit_req_zone $ip_limit_key zone=ip_limit${zone}:10m rate=${toNginxRate(rate)};`,
    `limit_conn_zone $connection_key zone=addr${zone}:10m;`,
    `limit_conn_zone $stream_key zone=streams${zone}:10m;`,
  ];
}

/** The limits of requests for the whole site; 60 health probes may come at once. */
export function requestLimits({ enabled, burst, zone }: PlaceLimits): string[] {
  if (!enabled) return [];
  return [
    `limit_req zone=ip_limit${zone}${atOnce(burst)};`,
    `limit_req zone=files burst=${FILES_AT_ONCE} nodelay;`,
    "limit_req zone=health burst=60 nodelay;",
  ];
}

/** The limits of connections and streams for the whole site. One limit_conn in a location hides all that are above it. */
export function connectionLimits({ enabled, connections, streams, zone }: PlaceLimits): string[] {
  return enabled ? [`limit_conn addr${zone} ${connections};`, `limit_conn streams${zone} ${streams};`] : [];
}

/** A route with a limit of its own repeats those of the site: one limit_req in a location hides all that are above it. */
export function routeLimits(place: Place, limits: PlaceLimits): string[] {
  const { limit } = place.route;
  if (!limit) return [];
  return [...requestLimits(limits), `limit_req zone=${placeName(place)}${atOnce(limit.burst)};`];
}

function routeZone(place: Place, rate: Rate): string {
  return `limit_req_zone $route_key zone=${placeName(place)}:10m rate=${toNginxRate(rate)};`;
}

/** Nginx takes no burst of 0. */
function atOnce(burst: number): string {
  return burst === 0 ? "" : ` burst=${burst} nodelay`;
}
