import { toWholeTime } from "../../../config/units.ts";
import { asset } from "../../lib/assets.ts";
import { fill } from "../../lib/fill.ts";
import type { Site } from "../site.ts";
import { claims } from "./claims.ts";
import { allPlaces, placeName, type Place } from "./places.ts";

const KEEP_ALIVE = 'proxy_set_header Connection "";';
const UPGRADE = "proxy_set_header Upgrade $upgrade;\nproxy_set_header Connection $connection_upgrade;";

/** What locations include about the way to applications: for requests, for WebSockets, and for routes with a timeout of their own. */
export function proxyFiles(site: Site): Record<string, string> {
  const { proxyTimeout, websocketTimeout } = site.edge;
  const one = (idle: number, connection: string): string =>
    fill(asset("edge/proxy.conf"), {
      connect: toWholeTime(proxyTimeout),
      claims: claims(site.httpsPort),
      idle: toWholeTime(idle),
      connection,
    });
  const own = allPlaces(site).flatMap((place): [string, string][] => {
    const { timeout, grpc } = place.route;
    return timeout === undefined || grpc ? [] : [[routeProxy(place), one(timeout, KEEP_ALIVE)]];
  });
  return {
    "proxy.conf": one(proxyTimeout, KEEP_ALIVE),
    "proxy-upgrade.conf": one(websocketTimeout, UPGRADE),
    ...Object.fromEntries(own),
  };
}

/** The file that a route's location includes. */
export function routeProxy(place: Place): string {
  const { timeout, websocket } = place.route;
  if (timeout !== undefined) return `proxy-${placeName(place)}.conf`;
  return websocket ? "proxy-upgrade.conf" : "proxy.conf";
}
