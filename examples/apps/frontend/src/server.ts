import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { logExchange, pathOf } from "../../common/access.ts";
import { failing } from "../../common/fault.ts";
import { InFlight } from "../../common/inflight.ts";
import type { Logger } from "../../common/log.ts";
import type { Assets } from "./assets.ts";
import type { Config } from "./config.ts";
import { messagePage, startPage } from "./page.ts";
import type { Proxy } from "./proxy.ts";

/** What the server is made of. */
export interface Parts {
  config: Config;
  assets: Assets;
  log: Logger;
  inFlight: InFlight;
  /** Only where no edge passes the backend's paths on. */
  proxy: Proxy | undefined;
}

/** What an answer consists of. */
interface Answer {
  status: number;
  type: string;
  body: string | Buffer;
  cache: string;
  allow?: string;
}

const HTML = "text/html; charset=utf-8";
const YEAR = "public, max-age=31536000, immutable";

/** Makes the page's server. It doesn't listen yet. */
export function makeServer({ config, assets, log, inFlight, proxy }: Parts): Server {
  const fails = failing(config.fault.errors ?? 0);
  const server = createServer((req, res) => {
    const path = pathOf(req);
    inFlight.add(res);
    logExchange(log, req, res);
    if (proxy && isBackends(config, path)) return proxy.pass(req, res);
    if (path === "/health") return send(config, req, res, health(config, inFlight));
    if (fails())
      return send(config, req, res, message(config, assets, 500, "This release fails on purpose."));
    setTimeout(() => send(config, req, res, answer(config, assets, req, path)), config.fault.slow ?? 0);
  });
  return server;
}

/** Whether a path belongs to the backend: only asked where no edge in front has decided that. */
export function isBackends({ apiPath, wsPath }: Config, path: string): boolean {
  return [apiPath, wsPath].some((prefix) => `${path}/`.startsWith(`${prefix.replace(/\/$/, "")}/`));
}

function answer(config: Config, assets: Assets, req: IncomingMessage, path: string): Answer {
  if (req.method !== "GET" && req.method !== "HEAD") {
    return { ...message(config, assets, 405, "This page can only be read."), allow: "GET, HEAD" };
  }
  if (path === "/") return { status: 200, type: HTML, body: startPage(config, assets), cache: "no-cache" };
  const asset = assets.at(path);
  if (asset) return { status: 200, ...asset, cache: YEAR };
  return message(config, assets, 404, "There is nothing here.");
}

function message(config: Config, assets: Assets, status: number, text: string): Answer {
  return { status, type: HTML, body: messagePage(config, assets, status, text), cache: "no-store" };
}

function health(config: Config, inFlight: InFlight): Answer {
  const status = inFlight.draining ? "draining" : config.fault.unhealthy ? "unhealthy" : "ok";
  const { service, release } = config;
  return {
    status: status === "ok" ? 200 : 503,
    type: "application/json; charset=utf-8",
    body: JSON.stringify({ status, timestamp: new Date().toISOString(), service, release }),
    cache: "no-store",
  };
}

function send(config: Config, req: IncomingMessage, res: ServerResponse, answer: Answer): void {
  if (answer.allow) res.setHeader("Allow", answer.allow);
  res.writeHead(answer.status, {
    "Content-Type": answer.type,
    "Content-Length": Buffer.byteLength(answer.body),
    "Cache-Control": answer.cache,
    "X-Release": config.release,
  });
  res.end(req.method === "HEAD" ? undefined : answer.body);
}
