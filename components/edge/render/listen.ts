import type { Site } from "../site.ts";

/**
 * `listen` lines of a port, IPv4 and IPv6. The first server of a port says how its sockets are made: with `reuseport` the
 * successor of this container can listen at the same time, so the port is never closed (docs/decisions/0021).
 */
export function listen(site: Site, port: 80 | 443, first = false): string {
  const options = [
    ...(port === 443 ? ["ssl"] : []),
    ...(site.edge.proxyProtocol ? ["proxy_protocol"] : []),
    ...(first ? ["default_server", "reuseport"] : []),
  ];
  const tcp = ADDRESSES.map((address) => ["listen", `${address}${port}`, ...options].join(" ") + ";");
  return [...tcp, ...(port === 443 ? quic(site, first) : [])].join("\n");
}

const ADDRESSES = ["", "[::]:"];

/** Listeners for HTTP/3. */
function quic({ edge }: Site, first: boolean): string[] {
  if (!edge.http3) return [];
  const options = first ? "quic default_server reuseport" : "quic";
  return ADDRESSES.map((address) => `listen ${address}443 ${options};`);
}
