import { isIPv6 } from "node:net";
import type { Firewall, OpenPort } from "../../../config/schema/firewall.ts";
import { asset } from "../../lib/assets.ts";
import { fill } from "../../lib/fill.ts";

/** What the host tools need to make the firewall match. */
export interface FirewallRules {
  /** `ufw`'s words, one rule a list, spelled as `ufw show added` spells them. */
  rules: string[][];
  /** Lines for the filter table in `before.rules` and `before6.rules`. */
  before: { v4: string; v6: string };
  /** A filter table for `after.rules` and `after6.rules`. */
  docker: { v4: string; v6: string };
}

const EVERYWHERE = { v4: "0.0.0.0/0", v6: "::/0" };

/**
 * The firewall of a server (H8, H9): SSH from the declared sources and limited by source, the edge's ports, and what
 * else is declared; a container's published port is reachable from outside only if it is one of these.
 * @param sshPort the port on which sshd listens
 * @param http3 whether the edge also answers QUIC on 443/udp
 */
export function firewallRules(settings: Firewall, sshPort: number, http3 = false): FirewallRules {
  const declared = [...EDGE, ...(http3 ? [HTTP3] : []), ...settings.ports];
  // The same port twice would be a rule that ufw lists once.
  const open = [...new Map(declared.map((one) => [`${one.port}/${one.protocol}`, one])).values()];
  return {
    rules: [...sshRules(settings, sshPort), ...open.flatMap(portRules)],
    before: { v4: limit(settings, sshPort, "v4"), v6: limit(settings, sshPort, "v6") },
    docker: { v4: dockerUser(open, "v4"), v6: dockerUser(open, "v6") },
  };
}

/** The rules that let SSH in; they stay when everything else goes. */
export function sshRules({ ssh }: Firewall, sshPort: number): string[][] {
  return portRules({ port: sshPort, protocol: "tcp", sources: ssh.sources });
}

/** HTTP and HTTPS, the only ports that a container publishes (H9). */
const EDGE: OpenPort[] = [80, 443].map((port) => ({ port, protocol: "tcp", sources: [] }));

const HTTP3: OpenPort = { port: 443, protocol: "udp", sources: [] };

function portRules({ port, protocol, sources }: OpenPort): string[][] {
  if (sources.length === 0) return [["allow", `${port}/${protocol}`]];
  return [...new Set(sources.map(normal))].map((source) => [
    "allow",
    "from",
    source,
    "to",
    "any",
    "port",
    String(port),
    "proto",
    protocol,
  ]);
}

/** As `ufw` lists it: without the length of a single address, an IPv4 network by its first address, IPv6 in short. */
function normal(source: string): string {
  const [address, length] = source.split("/") as [string, string?];
  const isV6 = isIPv6(address);
  const bits = Number(length ?? (isV6 ? 128 : 32));
  const plain = isV6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : firstOf(address, bits);
  return bits === (isV6 ? 128 : 32) ? plain : `${plain}/${bits}`;
}

/** The first address of an IPv4 network. */
function firstOf(address: string, bits: number): string {
  return address
    .split(".")
    .map((part, index) => Number(part) & (0xff00 >> Math.min(8, Math.max(0, bits - 8 * index))) & 0xff)
    .join(".");
}

function limit({ ssh }: Firewall, port: number, family: "v4" | "v6"): string {
  return fill(asset("host/etc/ufw-before.rules"), {
    prefix: family === "v4" ? "ufw" : "ufw6",
    port,
    perMinute: ssh.perMinute,
    burst: ssh.burst,
    // One visitor has a whole /64 of IPv6 (RFC 6177).
    mask: family === "v4" ? 32 : 64,
  });
}

function dockerUser(open: OpenPort[], family: "v4" | "v6"): string {
  const allowed = open.flatMap(({ port, protocol, sources }) =>
    (sources.length === 0 ? [EVERYWHERE[family]] : sources.filter((one) => isFamily(one, family))).map(
      (source) =>
        `-A DOCKER-USER -p ${protocol} -s ${source} -m conntrack --ctstate DNAT --ctorigdstport ${port} -j RETURN`,
    ),
  );
  return fill(asset("host/etc/ufw-after.rules"), { allowed: allowed.join("\n") });
}

function isFamily(source: string, family: "v4" | "v6"): boolean {
  return isIPv6(source.split("/")[0]!) === (family === "v6");
}
