import type { App } from "../../../config/schema/app/index.ts";
import { infrastructureTag, isSince } from "../../../config/images.ts";
import { toWholeTime } from "../../../config/units.ts";
import { asset } from "../../lib/assets.ts";
import { claims } from "./claims.ts";
import { errorFiles, errorPages } from "./errors.ts";
import { ownHeaderFiles } from "./places.ts";
import { headerFile } from "./headers.ts";
import { limitZones } from "./limits.ts";
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
  const common = { connect: toWholeTime(edge.proxyTimeout), claims: claims(site.httpsPort) };
  return {
    "mime.types": asset("edge/mime.types"),
    "tls.conf": asset("edge/tls.conf"),
    "headers.conf": headerFile(edge),
    "proxy.conf": fill(asset("edge/proxy.conf"), {
      ...common,
      idle: toWholeTime(edge.proxyTimeout),
      connection: KEEP_ALIVE,
    }),
    "proxy-upgrade.conf": fill(asset("edge/proxy.conf"), {
      ...common,
      idle: toWholeTime(edge.websocketTimeout),
      connection: UPGRADE,
    }),
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
      cache: caches(site.apps) ? cachePath(edge.cacheSize) : "",
      largestAnswer: largestAnswer(edge),
      visitor: visitor(edge),
      limits: limitZones(edge.limits, site.apps),
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
function caches(apps: Record<string, Pick<App, "routes">>): boolean {
  return Object.values(apps).some(({ routes }) => routes.some(({ cache }) => cache !== undefined));
}

const KEEP_ALIVE = 'proxy_set_header Connection "";';
const UPGRADE = "proxy_set_header Upgrade $upgrade;\nproxy_set_header Connection $connection_upgrade;";

/** @param bytes that the cache may take on disk; its keys have 10 MB of memory (E38) */
function cachePath(bytes: number): string {
  return `proxy_cache_path /var/spool/nginx/cache levels=1:2 keys_zone=api_cache:10m inactive=60m use_temp_path=off max_size=${bytes};`;
}

function upstreams({ apps, edge }: Site): string {
  const below = Object.values(edge.subdomains).flatMap(({ app }) => app ?? []);
  const routed = Object.keys(apps).filter((app) => apps[app]!.routes.length > 0 || below.includes(app));
  const others = Object.keys(edge.subdomains).filter((label) => edge.subdomains[label]!.upstream);
  return [...routed, ...others.map(upstreamName)]
    .sort()
    .map((app) => fill(asset("edge/upstream.conf"), { app, keepalive: edge.keepalive }))
    .join("");
}
