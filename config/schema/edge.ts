import { z } from "zod";
import { domain, label, seconds, size, timeout } from "./fields.ts";
import { csp, headers } from "./headers.ts";
import { trustedProxies } from "./proxies.ts";
import { limits } from "./limits.ts";
import { securityTxt } from "./security-txt.ts";
import { subdomain } from "./subdomain.ts";

/** Nginx, the edge (E1–E39). */
export const edge = z.strictObject({
  www: z.boolean().default(true).describe("Answer for www.<domain> too, with a redirect to the domain (E6)"),
  aliases: z
    .array(domain)
    .default([])
    .describe("Other names that redirect to the domain; they are in the certificate too"),
  subdomains: z
    .record(label, subdomain)
    .default({})
    .describe("Names below the domain with something of their own, such as analytics or status (E6)"),
  limits: limits.prefault({}).describe("What one address may ask for (E23–E25)"),
  memory: size.prefault("128 MB").describe("Memory limit of Nginx"),
  spool: size
    .refine((bytes) => bytes >= 256 * 1024 ** 2, { error: "at least 256 MB" })
    .prefault("8 GB")
    .describe("Disk that request bodies and answers in transfer may take together (docs/edge.md)"),
  trustedProxies: trustedProxies
    .default([])
    .describe(
      "Proxies whose X-Forwarded-For is believed: addresses and networks of a CDN or load balancer, or cloudflare for Cloudflare's",
    ),
  proxyProtocol: z
    .boolean()
    .default(false)
    .describe("The load balancer in trustedProxies sends the PROXY protocol on 80 and 443"),
  cpus: z.number().positive().max(256).default(1).describe("CPU limit of Nginx"),
  maxBody: size.prefault("10 MB").describe("Largest request body (E27)"),
  proxyTimeout: timeout
    .prefault("60 s")
    .describe(
      "Longest silence of an application while it is sent a request or answers; the switch gives a container 5 s to take a connection (E28)",
    ),
  workerShutdownTimeout: timeout
    .prefault("24 h")
    .describe(
      "How long WebSockets and transfers may go on after a reload; a change of the edge's settings or routes reloads it (worker_shutdown_timeout)",
    ),
  oldProcesses: z
    .number()
    .int()
    .min(1)
    .max(50)
    .default(8)
    .describe("How many reloads they may outlive; each one keeps processes of Nginx"),
  websocketTimeout: timeout.prefault("24 h").describe("Longest silence of a WebSocket (E32)"),
  keepalive: z
    .number()
    .int()
    .min(1)
    .max(1024)
    .default(32)
    .describe("Idle connections kept towards an application (E9)"),
  clientTimeout: timeout
    .prefault("30 s")
    .describe("Longest silence of a visitor while a request is read or an answer is sent"),
  hsts: seconds.prefault("365 d").describe("Strict-Transport-Security max-age (E11, RFC 6797)"),
  hstsPreload: z
    .boolean()
    .default(false)
    .describe("Agree to the browsers' preload lists, which is hard to undo (hstspreload.org)"),
  csp: csp
    .default({})
    .describe("Content-Security-Policy by directive, on top of the strict one (E17, docs/edge.md)"),
  headers: headers
    .default({})
    .describe("Response headers of every answer; an empty value removes one of the edge's (E11–E19)"),
  accessLog: z
    .enum(["json", "combined"])
    .default("json")
    .describe("Format of the access log on standard output (E29)"),
  cacheSize: size.prefault("32 MB").describe("Disk for answers of routes with a cache (E38)"),
  http3: z
    .boolean()
    .default(false)
    .describe("HTTP/3 on 443/udp, which the firewall then allows; a reload ends its connections"),
  maintenance: z
    .boolean()
    .default(false)
    .describe("Answer everything but health paths with 503 and a page that says so"),
  robots: z
    .enum(["application", "disallow"])
    .default("application")
    .describe("Whether robots.txt is the application's, or asks robots to stay away"),
  securityTxt: securityTxt.optional().describe("/.well-known/security.txt (RFC 9116)"),
});

/** HAProxy, the traffic switch. */
export const trafficSwitch = z.strictObject({
  memory: size.prefault("128 MB").describe("Memory limit of HAProxy"),
  cpus: z.number().positive().max(256).default(1).describe("CPU limit of HAProxy"),
  maxConnections: z.number().int().min(100).max(100000).default(4000).describe("maxconn of HAProxy"),
  hardStopAfter: timeout
    .prefault("24 h")
    .describe(
      "How long WebSockets and transfers may go on after a reload; HAProxy reloads for a new application, a new health path or port (hard-stop-after)",
    ),
  oldProcesses: z
    .number()
    .int()
    .min(1)
    .max(50)
    .default(8)
    .describe(
      "How many reloads they may outlive, besides one for each application, since an update may reload it so often; each one keeps a process of HAProxy (mworker-max-reloads)",
    ),
});

export type Edge = z.output<typeof edge>;
export type TrafficSwitch = z.output<typeof trafficSwitch>;
