import { toWholeTime } from "../../../config/units.ts";
import { asset } from "../../lib/assets.ts";
import { fill } from "../../lib/fill.ts";
import type { Site } from "../site.ts";
import { claims } from "./claims.ts";
import { allPlaces, placeName, type Place } from "./places.ts";

/** Routes that carry gRPC. */
function grpcPlaces(site: Site): Place[] {
  return allPlaces(site).filter(({ route }) => route.grpc);
}

/** What locations include about the way of gRPC to applications, a file for each timeout; none where nothing speaks it. */
export function grpcFiles(site: Site): Record<string, string> {
  const { edge, httpsPort } = site;
  const files = grpcPlaces(site).map((place): [string, string] => {
    const text = fill(asset("edge/grpc.conf"), {
      connect: toWholeTime(edge.proxyTimeout),
      claims: claims(httpsPort, "grpc_set_header"),
      idle: toWholeTime(place.route.timeout ?? edge.proxyTimeout),
    });
    return [grpcFile(place), text];
  });
  return Object.fromEntries(files);
}

/** The file that a route's location includes. */
export function grpcFile(place: Place): string {
  return place.route.timeout === undefined ? "grpc.conf" : `grpc-${placeName(place)}.conf`;
}

/** Nginx keeps idle connections by their address, and those of two protocols would be mixed up. No application's name has an underscore. */
export function grpcUpstream(app: string): string {
  return `${app}_grpc`;
}

/** Blocks of such upstreams. */
export function grpcUpstreams(site: Site): string[] {
  const apps = [...new Set(grpcPlaces(site).map(({ app }) => app))].sort();
  return apps.map((app) =>
    fill(asset("edge/upstream.conf"), { name: grpcUpstream(app), app, keepalive: site.edge.keepalive }),
  );
}
