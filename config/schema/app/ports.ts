import { z } from "zod";
import { network, port } from "../fields.ts";

const settings = z.strictObject({
  port: port.describe("Port of the server"),
  protocol: z.enum(["tcp", "udp"]).default("tcp").describe("Protocol; udp needs exclusive (docs/ports.md)"),
  to: port.optional().describe("Port of the container; the same when absent"),
  allow: z.array(network).default([]).describe("Addresses and networks that may connect; all when empty"),
  proxyProtocol: z
    .boolean()
    .default(false)
    .describe(
      "Begin each TCP connection with the visitor's address (PROXY protocol, version 2), where the application reads it",
    ),
});

const EXAMPLES = 'a port such as 25, or "5353:53/udp" (server:container/protocol)';

/** A number without leading zeros, as it becomes one again in messages and rules. */
const SHORT = /^(?:([1-9]\d{0,4}):)?([1-9]\d{0,4})(?:\/(tcp|udp))?$/;

/** Compose's short form, for one port and every address of the server. */
function parse(text: string | number, context: z.RefinementCtx): Parsed {
  const [, from, to, protocol = "tcp"] = SHORT.exec(String(text)) ?? [];
  const inside = Number(to);
  const outside = Number(from ?? to);
  if (port.safeParse(inside).success && port.safeParse(outside).success)
    return { port: outside, protocol: protocol as Parsed["protocol"], to: inside, ...PLAIN };
  context.addIssue({ code: "custom", message: EXAMPLES, input: text });
  return z.NEVER;
}

const PLAIN = { allow: [], proxyProtocol: false };

/** A port of an application, with everything filled in. */
interface Parsed {
  /** Of the server. */
  port: number;
  protocol: "tcp" | "udp";
  /** Of the container. */
  to: number;
  allow: string[];
  proxyProtocol: boolean;
}

/** Ports of the server that lead to an application past the edge. */
export const ports = z
  .array(
    z.union([
      z.number().transform(parse),
      z.string().transform(parse),
      settings.transform((one): Parsed => ({ ...one, to: one.to ?? one.port })),
    ]),
  )
  .default([])
  .describe(
    'Ports of the server that lead to it, TCP or UDP: 25, "5353:53/udp", or port, protocol, to, allow and proxyProtocol; the firewall opens them ([ports.md](ports.md))',
  );

export type AppPort = Parsed;
