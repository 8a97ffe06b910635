import { z } from "zod";
import { network, seconds, size, timeout, urlPath } from "../fields.ts";
import { auth } from "../auth.ts";
import { csp, headers } from "../headers.ts";
import { routeLimit } from "../limits.ts";

/** What the edge sends to an application, and how. */
export const route = z.strictObject({
  path: urlPath.describe("Prefix of the paths that go to this application (E30–E34)"),
  strip: z
    .boolean()
    .default(false)
    .describe("Take the prefix away: with path /shop/ the application is asked for / instead of /shop/"),
  timeout: timeout
    .optional()
    .describe("Longest silence of the application on this route; edge.proxyTimeout when absent"),
  buffering: z
    .boolean()
    .default(true)
    .describe("Store request bodies and answers for slow visitors; false passes both on as they come"),
  allow: z
    .array(network)
    .default([])
    .describe("Addresses and networks that may use this route; anybody when empty; others get 403"),
  auth: z
    .union([auth, z.literal(false)])
    .optional()
    .describe(
      "Users who may see this route, with the secrets of their passwords: {users: {ann: ANN_PASSWORD}}; false opens it on a subdomain or site that has auth",
    ),
  websocket: z
    .boolean()
    .default(false)
    .describe("Allow upgrades and keep silent connections for edge.websocketTimeout (E32)"),
  grpc: z
    .boolean()
    .default(false)
    .describe(
      "Carry gRPC: HTTP/2 as far as the application, which must speak it without TLS on its port (docs/edge.md)",
    ),
  stream: z
    .boolean()
    .default(false)
    .describe("Pass every answer on piece by piece, whatever its type; event streams flow without it"),
  log: z.boolean().default(true).describe("Write an access log (E33)"),
  noStore: z.boolean().default(false).describe("Forbid caching of the answers (E30)"),
  assets: z
    .boolean()
    .default(false)
    .describe(
      "Let browsers keep static files for a year, by their ending; not for names that are reused (E35)",
    ),
  cache: seconds
    .optional()
    .describe("Keep answers with 200 at the edge for this long, unless they are personal or forbid it (E38)"),
  maxBody: size.optional().describe("Largest request body of this route; that of the edge when absent (E27)"),
  csp: z
    .union([csp, z.literal(false)])
    .optional()
    .describe("Content-Security-Policy on top of the site's; false leaves it to the application (E17)"),
  headers: headers.default({}).describe("Response headers of this route; an empty value removes one (E19)"),
  limit: routeLimit.optional().describe("A limit of requests for this route alone (E26)"),
});

export type Route = z.output<typeof route>;
