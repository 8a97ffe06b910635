import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { StackConfig } from "../../config/schema/index.ts";
import { parsed } from "../support/settings.ts";

/** More than a test asks for. */
export const HIGH = { rate: "100000/s", connections: 1000, streams: 1000 };
const TEXT = "A line that compresses well.\n".repeat(200);

/** Requests to `…/wait`, which get no answer before {@link answerWaiting}. */
export const waiting: ServerResponse[] = [];

/** Lets those who wait have their answer. */
export function answerWaiting(): void {
  for (const response of waiting.splice(0)) response.end("waited");
}

/** Whoever gives up waits no more. */
function wait(response: ServerResponse): void {
  waiting.push(response);
  response.on("close", () => {
    const at = waiting.indexOf(response);
    if (at >= 0) waiting.splice(at, 1);
  });
}

/** Answers by path, of the `type` and as many `bytes` as the query says; the application sends headers that the edge must replace. */
export function application(req: IncomingMessage, res: ServerResponse): void {
  const { pathname: path, searchParams } = new URL(req.url!, "http://application");
  const type =
    searchParams.get("type") ??
    (path.endsWith(".js") ? "text/javascript" : path.startsWith("/api/") ? "application/json" : "text/html");
  res.setHeader("Content-Type", type);
  res.setHeader("X-Frame-Options", "ALLOWALL");
  res.setHeader("X-Powered-By", "something");
  res.setHeader("Content-Security-Policy", "script-src *");
  if (path.endsWith("/cookie")) res.setHeader("Set-Cookie", "session=1");
  if (path.endsWith("/private")) res.setHeader("Cache-Control", "no-store");
  if (path.endsWith(".js")) res.setHeader("Cache-Control", "no-cache");
  if (/missing/.test(path)) res.statusCode = 404;
  for (const [name, value] of searchParams)
    if (name.startsWith("header-")) res.appendHeader(name.slice("header-".length), value);
  for (let index = 0; index < Number(searchParams.get("cookies") ?? 0); index++)
    res.appendHeader("Set-Cookie", `c${index}=${"x".repeat(Number(searchParams.get("size")))}`);
  count++;
  if (path.endsWith("/endless")) return endless(res, Number(searchParams.get("bytes")));
  let received = 0;
  arrived.push(path);
  req.on("data", (part: Buffer) => (received += part.length));
  req.on("end", () => {
    if (path.endsWith("/wait")) wait(res);
    else if (path.endsWith("/count")) res.end(`${received} ${req.headers["content-length"] ?? "chunked"}`);
    else if (path === "/health") res.end("ok");
    else if (/\/seen(\.js)?$/.test(path)) res.end(JSON.stringify({ url: req.url, headers: req.headers }));
    else if (path.endsWith("/events")) events(res, Number(searchParams.get("times") ?? 3));
    else if (path.endsWith("/hints")) hinted(res, Number(searchParams.get("times") ?? 1));
    else if (path.endsWith("/fill")) res.end(Buffer.alloc(20e6));
    else if (path.endsWith("/garbage")) res.socket!.end("no HTTP at all\r\n\r\n");
    else
      res.end(
        searchParams.has("bytes") ? TEXT.slice(0, Number(searchParams.get("bytes"))) : `${count} ${TEXT}`,
      );
  });
}
let count = 0;

/** Time between two pieces of what streams, in milliseconds. */
export const PACE = 300;

/** Short pieces, one after the other. */
function events(res: ServerResponse, times: number): void {
  let sent = 0;
  const next = (): void => {
    res.write(`data: ${++sent}\n\n`);
    if (sent < times) setTimeout(next, PACE);
    else res.end();
  };
  next();
}

/** Informational answers before the one that counts. */
function hinted(res: ServerResponse, times: number): void {
  for (let index = 0; index < times; index++) {
    res.writeProcessing();
    res.writeEarlyHints({ link: `</style.css?${index}>; rel=preload; as=style` });
  }
  setTimeout(() => res.end("after the hints"), 50);
}

/** Paths of the requests that have reached the application, with or without their bodies. */
export const arrived: string[] = [];

/** An answer of that size, as fast as it is taken. */
function endless(res: ServerResponse, bytes: number): void {
  const part = Buffer.alloc(65536, 97);
  let left = bytes;
  const more = (): void => {
    while (left > 0) {
      left -= part.length;
      if (!res.write(part)) return void res.once("drain", more);
    }
    res.end();
  };
  more();
}

/** Agrees to whatever the connection shall become, and then repeats what it hears. */
export function upgraded(_req: IncomingMessage, socket: Duplex): void {
  socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n");
  socket.on("error", () => socket.destroy()).pipe(socket);
}

const image = "ghcr.io/me/api:1.0.0";

/** Settings with one rule of each kind, or with other routes of the web application and nothing else. */
export function config(edge: object = {}, routes?: object[], health: object = {}): StackConfig {
  const web = { image, port: 3000 };
  const apps = {
    api: {
      image,
      port: 8080,
      routes: [
        { path: "/api/", noStore: true },
        { path: "/api/cv", cache: "5 min" },
        { path: "/api/upload", maxBody: "1 MB" },
        { path: "/api/slowly", limit: { rate: "1/s", burst: 2 } },
        { path: "/health", log: false },
      ],
    },
    web: {
      ...web,
      routes: [
        { path: "/", assets: true },
        {
          path: "/own/",
          csp: { "script-src": ["'self'", "https://example.com"] },
          headers: { "X-Frame-Options": "" },
        },
        { path: "/free/", csp: false },
        { path: "/ws", websocket: true },
        { path: "/flow/", stream: true },
      ],
    },
  };
  return parsed({
    apps: routes ? { web: { ...web, routes, health } } : apps,
    images: "debian",
    edge: {
      limits: HIGH,
      aliases: ["maicivy.fr"],
      subdomains: {
        analytics: {},
        status: { app: "web" },
        gone: { upstream: "nobody:3001" },
        tools: { upstream: "switch:8404" },
      },
      ...edge,
    },
  }).config;
}
