import { leads } from "../../../config/places.ts";
import { infrastructureTag, isSince } from "../../../config/images.ts";
import { toWholeTime } from "../../../config/units.ts";
import { asset } from "../../lib/assets.ts";
import { errorFiles, errorPages } from "./errors.ts";
import { allPlaces, ownHeaderFiles } from "./places.ts";
import { grpcFiles, grpcUpstreams } from "./grpc.ts";
import { proxyFiles } from "./proxies.ts";
import { headerFile } from "./headers.ts";
import { limitZones, namedLimits } from "./limits.ts";
import { listen } from "./listen.ts";
import { plain, redirects, sites } from "./servers.ts";
import { largestAnswer, spoolZones } from "./spool.ts";
import { textFiles } from "./texts.ts";
import { visitor } from "./visitor.ts";
import { fill } from "../../lib/fill.ts";
import type { Site } from "../site.ts";
import { upstreamName } from "../../switch/haproxy-cfg.ts";
import { workersFor } from "../../service/workers.ts";

/** Nginx's configuration as files: relative name → text. */
export function edgeFiles(site: Site): Record<string, string> {
  const { edge, images, monitoring } = site;
  return {
    "mime.types": asset("edge/mime.types"),
    "tls.conf": asset("edge/tls.conf"),
    "headers.conf": headerFile(edge),
    ...proxyFiles(site),
    ...grpcFiles(site),
    ...ownHeaderFiles(site),
    ...errorFiles(edge),
    ...textFiles(site),
    "nginx.conf": fill(asset("edge/nginx.conf"), {
      workers: workersFor(edge.cpus),
      maxBody: edge.maxBody,
      clientTimeout: toWholeTime(edge.clientTimeout),
      shutdown: toWholeTime(edge.workerShutdownTimeout),
      accessLog: edge.accessLog,
      retryAfter: edge.maintenance ? 300 : 10,
      compression: asset("edge/compression.conf") + (images === "debian" ? asset("edge/brotli.conf") : ""),
      keepalive: keepalive(site),
      cache: caches(site) ? cachePath(edge.cacheSize) : "",
      largestAnswer: largestAnswer(edge),
      visitor: visitor(edge),
      limits: limitZones(edge.limits, site.apps, allPlaces(site), namedLimits(site)),
      errors: errorPages(),
      spool: spoolZones(),
      upstreams: upstreams(site),
      status: fill(asset("edge/status.conf"), {
        stub: monitoring.edgeStatus ? asset("edge/stub-status.conf") : "",
      }),
      plain: plain(site),
      redirects: redirects(site),
      sites: sites(site),
      listen: listen(site, 443, true),
    }),
  };
}

/**
 * Up to 1.27.3, Nginx closes idle connections the moment it reloads, and a request sent just then gets no answer. Later
 * versions can keep connections that were in use shortly before (ngx_http_core_module, keepalive_min_timeout; decision
 * 0015).
 */
function keepalive({ images, versions }: Site): string {
  const tag = infrastructureTag(images, "nginx", versions.nginx);
  return isSince(tag, 1, 27, 4) ? "keepalive_min_timeout 10s;" : "";
}

/** Whether any route keeps answers at the edge. */
function caches(site: Site): boolean {
  return allPlaces(site).some(({ route }) => route.cache !== undefined);
}

/** @param bytes that the cache may take on disk; its keys have 10 MB of memory (E38) */
function cachePath(bytes: number): string {
  return `proxy_cache_path /var/spool/nginx/cache levels=1:2 keys_zone=api_cache:10m inactive=60m use_temp_path=off max_size=${bytes};`;
}

function upstreams(site: Site): string {
  const { apps, edge } = site;
  const below = leads(site).map(({ app }) => app);
  const routed = Object.keys(apps).filter((app) => apps[app]!.routes.length > 0 || below.includes(app));
  const others = Object.keys(edge.subdomains).filter((label) => edge.subdomains[label]!.upstream);
  return [...routed, ...others.map(upstreamName)]
    .sort()
    .map((app) => fill(asset("edge/upstream.conf"), { name: app, app, keepalive: edge.keepalive }))
    .concat(grpcUpstreams(site))
    .join("");
}
