import { hostname } from "node:os";
import { clientAddress } from "../../../common/client.ts";
import type { App } from "../app.ts";
import type { Route } from "../http/router.ts";

/** Headers that say how a request came here. Cookies and credentials are not among them. */
const SHOWN =
  /^(host|connection|upgrade|user-agent|accept-encoding|via|forwarded|origin|x-(real-ip|request-id|forwarded-.+))$/;

/** What this process is, and what it sees of a request. */
export function aboutRoutes({ config, startedAt }: App): Route[] {
  return [
    {
      method: "GET",
      path: "/api/release",
      handle: () => ({
        body: {
          service: config.service,
          version: config.version,
          instance: hostname(),
          startedAt: startedAt.toISOString(),
        },
      }),
    },
    {
      method: "GET",
      path: "/api/whoami",
      handle: ({ req }) => ({
        body: {
          ip: clientAddress(req),
          peer: req.socket.remoteAddress ?? "",
          method: req.method,
          url: req.url,
          httpVersion: req.httpVersion,
          headers: Object.fromEntries(Object.entries(req.headers).filter(([name]) => SHOWN.test(name))),
        },
      }),
    },
  ];
}
