import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Addresses from which a forwarded header is believed: loopback, private and link-local networks. */
const PRIVATE: [address: string, prefix: number, family: "ipv4" | "ipv6"][] = [
  ["127.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["::1", 128, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
];

const proxies = new BlockList();
for (const [address, prefix, family] of PRIVATE) proxies.addSubnet(address, prefix, family);

/**
 * The client's address. Behind the edge the peer is a proxy on a private network, and the client is the
 * rightmost public address of `X-Forwarded-For`: whatever stands to its left the client could have written.
 * When the whole chain is private (a laptop, a test), it is the leftmost.
 */
export function clientAddress(req: IncomingMessage): string {
  const peer = plain(req.socket.remoteAddress ?? "");
  if (peer && !isProxy(peer)) return peer;
  const chain = String(req.headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((hop) => plain(hop.trim()))
    .filter((hop) => isIP(hop) !== 0);
  return chain.findLast((hop) => !isProxy(hop)) ?? chain[0] ?? peer;
}

function isProxy(address: string): boolean {
  return proxies.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/** An IPv4 address that a dual-stack socket shows as `::ffff:1.2.3.4`, without that prefix. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}
