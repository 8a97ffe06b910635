import { z } from "zod";
import { duration, port, source } from "./fields.ts";

const openPort = z.strictObject({
  port: port.describe("Port"),
  protocol: z.enum(["tcp", "udp"]).default("tcp").describe("Protocol"),
  sources: z.array(source).default([]).describe("Addresses and networks that may connect; all when empty"),
});

const ssh = z.strictObject({
  sources: z
    .array(source)
    .default([])
    .describe("Addresses and networks that may use SSH, IPv4 and IPv6; all when empty (H8)"),
  perMinute: z
    .number()
    .int()
    .min(6)
    .max(10000)
    .default(240)
    .describe("New SSH connections per minute from one address; a deploy opens dozens (decision 0013)"),
  burst: z
    .number()
    .int()
    .min(6)
    .max(10000)
    .default(200)
    .describe("New SSH connections from one address before that limit applies"),
});

/** UFW and the DOCKER-USER chain (H8, H9). */
export const firewall = z.strictObject({
  enabled: z.boolean().default(true).describe("Whether the stack declares the firewall (H8)"),
  ssh: ssh.prefault({}).describe("Who may use SSH, and how often"),
  ports: z
    .array(openPort)
    .default([])
    .describe("Open ports other than SSH, 80 and 443; a container may publish them"),
  // Less than a connection takes, and every change would be taken back.
  confirmWithin: duration
    .refine((seconds) => seconds >= 10, { error: "at least 10 s" })
    .prefault("2 min")
    .describe(
      "A change of firewall or SSH undoes itself unless a new connection confirms it within this time",
    ),
});

export type Firewall = z.output<typeof firewall>;
export type OpenPort = z.output<typeof openPort>;
