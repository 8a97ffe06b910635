import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { logExchange, pathOf } from "../../../common/access.ts";
import type { App } from "../app.ts";
import { allowOrigin } from "./origin.ts";
import { endWith } from "./end.ts";
import { HttpError } from "./errors.ts";
import { findRoute, type Route } from "./router.ts";

/** Makes the HTTP server: routes, logs, metrics, and every error as JSON. It doesn't listen yet. */
export function makeServer(app: App, routes: Route[]): Server {
  const server = createServer((req, res) => {
    void serve(app, routes, req, res);
  });
  server.on("connection", (socket) => {
    app.metrics.connections.inc();
    socket.once("close", () => app.metrics.connections.dec());
  });
  return server;
}

async function serve(app: App, routes: Route[], req: IncomingMessage, res: ServerResponse): Promise<void> {
  const path = pathOf(req);
  let label = "unmatched";
  app.inFlight.add(res);
  logExchange(app.log, req, res, (status, seconds) => app.metrics.observe(req, label, status, seconds));
  res.setHeader("X-Release", app.config.release);
  res.setHeader("Cache-Control", "no-store");
  try {
    if (allowOrigin(app.config.frontendOrigin, req, res)) return;
    const { route, params } = findRoute(routes, req.method ?? "GET", path);
    label = route.path;
    if (path.startsWith("/api/")) await app.injectFault();
    const query = new URL(req.url ?? "/", "http://localhost").searchParams;
    const answer = await route.handle({ req, res, params, query });
    if (answer) send(app, res, answer.status ?? 200, answer.body);
  } catch (error) {
    fail(app, res, error);
  }
}

function fail(app: App, res: ServerResponse, error: unknown): void {
  const known = error instanceof HttpError;
  if (!known || error.status >= 500) app.log.error({ err: error }, "request raised an error");
  if (res.headersSent || res.destroyed) {
    res.destroy();
    return;
  }
  for (const [name, value] of Object.entries(known ? error.headers : {})) res.setHeader(name, value);
  const [status, code] = known ? [error.status, error.code] : [500, "internal_error"];
  send(app, res, status, {
    error: code,
    message: known ? error.message : "Something broke here; the log has it.",
  });
}

function send(app: App, res: ServerResponse, status: number, body: Record<string, unknown>): void {
  const text = JSON.stringify({ ...body, release: app.config.release });
  res.statusCode = status;
  res.setHeader("Content-Type", "application/json; charset=utf-8");
  res.setHeader("Content-Length", Buffer.byteLength(text));
  endWith(res, text);
}
