import { lookup, resolve4, resolve6 } from "node:dns/promises";
import { isIP } from "node:net";
import { none, skip } from "../check.ts";
import { family } from "../family.ts";
import type { Target } from "../target.ts";

/** Where the names lead. */
export interface DnsEvidence {
  /** Addresses by name. */
  names: Record<string, string[]>;
  /** Addresses of the server. */
  server: string[];
}

export const dns = family<DnsEvidence>({
  title: "DNS",
  source: { where: "outside", gather },
  checks: [
    {
      id: "dns.names",
      title: "Every served name resolves to the server",
      severity: "high",
      requirements: ["H11", "O29"],
      remedy:
        "Set the name's A record to the server's address, and no AAAA record: the edge answers over IPv4 (docs/server.md).",
      judge: ({ names, server }, { box }) => {
        if (box) return skip("a box has no public name");
        const bad = Object.entries(names).flatMap(([name, found]) => {
          if (found.length === 0) return [`${name} has no address`];
          return found
            .filter((address) => !server.includes(address))
            .map((address) => `${name} leads to ${address}`);
        });
        return none(bad, server.join(", "));
      },
    },
  ],
});

/** A URL writes an IPv6 address in brackets. */
const bare = (name: string): string => name.replace(/^\[|\]$/g, "");

async function gather({ about, address }: Target): Promise<DnsEvidence> {
  if (about.box) return { names: {}, server: [] };
  const all = async (name: string): Promise<string[]> => {
    if (isIP(name)) return [name];
    const found = await Promise.all([resolve4(name).catch(() => []), resolve6(name).catch(() => [])]);
    return found.flat();
  };
  const server = isIP(address) ? [address] : [...(await all(address)), (await lookup(address)).address];
  return {
    names: Object.fromEntries(
      await Promise.all(about.names.map(async (name) => [name, await all(bare(name))] as const)),
    ),
    server,
  };
}
