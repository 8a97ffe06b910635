import { trustedNetworks } from "../../../config/proxies.ts";
import { asset } from "../../lib/assets.ts";
import type { Edge } from "../../../config/schema/edge.ts";
import { fill } from "../../lib/fill.ts";

/**
 * The address that limits, logs and applications take for the visitor's (ngx_http_realip_module): behind declared proxies
 * the last one that isn't a proxy's, otherwise the address that connects. What any other client claims is ignored.
 */
export function visitor({ trustedProxies, proxyProtocol }: Edge): string {
  const networks = trustedNetworks(trustedProxies);
  const lines = [
    ...networks.map((network) => `set_real_ip_from ${network};`),
    `real_ip_header ${proxyProtocol ? "proxy_protocol" : "X-Forwarded-For"};`,
    "real_ip_recursive on;",
  ];
  return fill(asset("edge/visitor.conf"), { trusted: networks.length > 0 ? lines.join("\n") : "" });
}
