import { lookup, resolve4, resolve6 } from "node:dns/promises";
import { isIP } from "node:net";
import { connect } from "node:tls";
import { check, none, skip } from "../check.ts";
import { outside } from "../family.ts";
import type { Target } from "../target.ts";
import { serverName } from "../tls/name.ts";

/** Where the names lead. */
export interface DnsEvidence {
  /** Addresses by name. */
  names: Record<string, string[]>;
  /** Addresses of the server. */
  server: string[];
  /** Other addresses at which the server's own certificate is shown, such as its IPv6 one. */
  same: string[];
}

export const dns = outside<DnsEvidence>({
  title: "DNS",
  gather,
  checks: [
    check({
      id: "dns.names",
      title: "Every served name resolves to the server",
      severity: "high",
      requirements: ["H11", "O29"],
      remedy:
        "Set the name's A and AAAA records to the server's addresses; behind a CDN or load balancer declare edge.trustedProxies (docs/edge.md).",
      judge: ({ names, server, same }, { box, stack }) => {
        if (box) return skip("a box has no public name");
        if (stack?.proxies.length) return skip("the names resolve to the declared proxies");
        const bad = Object.entries(names).flatMap(([name, found]) => {
          if (found.length === 0) return [`${name} has no address`];
          return found
            .filter((address) => !server.includes(address) && !same.includes(address))
            .map((address) => `${name} resolves to ${address}`);
        });
        return none(bad, server.join(", "));
      },
    }),
  ],
});

/** A URL writes an IPv6 address in brackets. */
const bare = (name: string): string => name.replace(/^\[|\]$/g, "");

async function gather({ about, address, httpsPort }: Target): Promise<DnsEvidence> {
  if (about.box) return { names: {}, server: [], same: [] };
  const all = async (name: string): Promise<string[]> => {
    if (isIP(name)) return [name];
    const found = await Promise.all([resolve4(name).catch(() => []), resolve6(name).catch(() => [])]);
    return found.flat();
  };
  const server = isIP(address) ? [address] : [...(await all(address)), (await lookup(address)).address];
  const names = Object.fromEntries(
    await Promise.all(about.names.map(async (name) => [name, await all(bare(name))] as const)),
  );
  const others = [...new Set(Object.values(names).flat())].filter((one) => !server.includes(one));
  const shown = (host: string): Promise<string> => fingerprint(host, httpsPort, about.names[0]!);
  const own = others.length > 0 ? await shown(server[0]!) : "";
  const found = await Promise.all(others.map(async (one) => own !== "" && (await shown(one)) === own));
  return { names, server, same: others.filter((_, index) => found[index]) };
}

/** Of the certificate that is shown at an address for a name; empty when none is. */
function fingerprint(host: string, port: number, name: string): Promise<string> {
  return new Promise((done) => {
    const socket = connect({ ...serverName(name), host, port, rejectUnauthorized: false });
    const end = (text: string): void => {
      socket.destroy();
      done(text);
    };
    socket.setTimeout(8000, () => end(""));
    socket.on("secureConnect", () => end(socket.getPeerCertificate().fingerprint256));
    socket.on("error", () => end(""));
  });
}
