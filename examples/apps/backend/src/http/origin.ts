import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Lets the page at `FRONTEND_URL` call from its browser when it lives on another origin (CORS).
 * @returns true when the request was a preflight, which is answered here
 */
export function allowOrigin(allowed: string | undefined, req: IncomingMessage, res: ServerResponse): boolean {
  const { origin } = req.headers;
  if (!allowed || origin !== allowed) return false;
  res.setHeader("Access-Control-Allow-Origin", allowed);
  res.setHeader("Access-Control-Expose-Headers", "X-Release");
  res.setHeader("Vary", "Origin");
  if (req.method !== "OPTIONS" || !req.headers["access-control-request-method"]) return false;
  res.setHeader("Access-Control-Allow-Methods", "GET, POST, DELETE");
  res.setHeader("Access-Control-Allow-Headers", "Content-Type, Last-Event-ID");
  res.setHeader("Access-Control-Max-Age", "600");
  res.statusCode = 204;
  res.end();
  return true;
}

/**
 * Whether a browser may open a WebSocket from this page: the page's own host, or `FRONTEND_URL`. Browsers send
 * the cookies of a site along from every other site, so the server has to look. Programs send no origin.
 */
export function isOwnOrigin(allowed: string | undefined, req: IncomingMessage): boolean {
  const { origin, host } = req.headers;
  if (origin === undefined || origin === allowed) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
