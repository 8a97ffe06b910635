import { createHash } from "node:crypto";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const { HEALTH_PATH = "/health" } = process.env;
let health = Number(process.env.HEALTH_STATUS ?? 200);

const json = (response, value) =>
  response.setHeader("content-type", "application/json").end(JSON.stringify(value));

/** A number of the query. */
const number = (query, name, otherwise) => Number(query.get(name) ?? otherwise);

/** `count` pieces, `interval` milliseconds apart, each flushed by itself. */
async function pieces(response, query, type, piece) {
  response.setHeader("content-type", query.get("type") ?? type);
  response.flushHeaders();
  for (let at = 0; at < number(query, "count", 5); at++) {
    if (at > 0) await sleep(number(query, "interval", 500));
    if (response.destroyed) return;
    response.write(piece(at));
  }
  response.end();
}

const BLOCK = Buffer.alloc(64 * 1024, "A line of sixty-four bytes, which comes as often as is needed.\n\n");

/** By first word of the path: what is done with request, response and query. */
const ROUTES = {
  /** All that arrived: the headers by name and as they were sent, in their order. */
  echo: async (request, response) => {
    const { method, url, httpVersion, headers, rawHeaders, socket } = request;
    let body = "";
    for await (const part of request) if (body.length < 65536) body += part;
    json(response, { method, url, httpVersion, headers, rawHeaders, from: socket.remoteAddress, body });
  },
  slow: async (_request, response, query) => {
    await sleep(number(query, "seconds", 1) * 1000);
    response.end(`waited ${query.get("seconds")} s\n`);
  },
  sse: (_request, response, query) =>
    pieces(response, query, "text/event-stream", (at) => `id: ${at}\ndata: ${Date.now()}\n\n`),
  ndjson: (_request, response, query) =>
    pieces(response, query, "application/x-ndjson", (at) => `${JSON.stringify({ at, time: Date.now() })}\n`),
  /** `count` cookies of `bytes` each, or as many headers named `name`-0, `name`-1 and so on. */
  headers: async (_request, response, query) => {
    const [bytes, count, name] = [number(query, "bytes", 1000), number(query, "count", 1), query.get("name")];
    const values = Array.from({ length: count }, (_, at) => `c${at}=`.padEnd(bytes, "x"));
    if (name) values.forEach((value, at) => response.setHeader(`${name}-${at}`, value));
    else response.setHeader("set-cookie", values);
    response.end(`${count} of ${bytes}\n`);
  },
  /** Reads a body to its end, `rate` bytes a second at most; answers what came. */
  upload: async (request, response, query) => {
    const [hash, start, rate] = [createHash("sha256"), Date.now(), number(query, "rate", 0)];
    let bytes = 0;
    for await (const part of request) {
      hash.update(part);
      bytes += part.length;
      if (rate > 0) await sleep(Math.max(0, (bytes / rate) * 1000 - (Date.now() - start)));
    }
    json(response, { bytes, sha256: hash.digest("hex"), seconds: (Date.now() - start) / 1000 });
  },
  /** `mb` times 1024 × 1024 bytes, as quickly as they are taken; with `chunked` of no announced length. */
  download: async (_request, response, query) => {
    const length = number(query, "mb", 1) * 1024 * 1024;
    response.setHeader("content-type", query.get("type") ?? "application/octet-stream");
    if (!query.has("chunked")) response.setHeader("content-length", length);
    for (let sent = 0; sent < length; sent += BLOCK.length) {
      if (!response.write(BLOCK.subarray(0, length - sent)))
        await Promise.race([once(response, "drain"), once(response, "close")]);
      if (response.destroyed) return;
    }
    response.end();
  },
  "early-hints": async (_request, response, query) => {
    for (let at = 0; at < number(query, "count", 1); at++)
      response.writeEarlyHints({ link: `</style-${at}.css>; rel=preload; as=style` });
    await sleep(number(query, "interval", 100));
    response.setHeader("content-type", "text/html").end("<html>after the hints</html>\n");
  },
  /** Answers with a status, and a body unless the status has none; `type` is the body's. */
  status: async (_request, response, query) => {
    response.statusCode = number(query, "code", 200);
    response.setHeader("content-type", query.get("type") ?? "text/plain").end(`${response.statusCode}\n`);
  },
  /** Sends `bytes` of an announced answer of twice as many, and breaks off. */
  abort: async (_request, response, query) => {
    const bytes = number(query, "bytes", 0);
    if (bytes > 0)
      await new Promise((done) =>
        response.setHeader("content-length", bytes * 2).write("x".repeat(bytes), done),
      );
    response.destroy();
  },
  redirect: async (_request, response, query) =>
    response.writeHead(number(query, "code", 302), { location: query.get("to") ?? "/" }).end(),
  crash: async (_request, response, query) => {
    response.on("close", () => process.exit(number(query, "code", 1)));
    response.end("last answer\n");
  },
  "exit-after": async (_request, response, query) => {
    setTimeout(() => process.exit(number(query, "code", 1)), number(query, "seconds", 1) * 1000);
    response.end("going to end\n");
  },
};

/** Answers a request; anything unknown with 200 and its path, so that any route of a stack file serves. */
export async function route(request, response) {
  const { pathname, searchParams } = new URL(request.url, "http://application");
  if (pathname === HEALTH_PATH) {
    // POST /health?status=503 changes what it says from then on.
    if (request.method === "POST") health = number(searchParams, "status", 200);
    response.statusCode = request.method === "POST" ? 200 : health;
    return response.end(`${health}\n`);
  }
  const word = pathname.split("/").filter((part) => part in ROUTES)[0];
  if (word) return ROUTES[word](request, response, searchParams);
  request.resume();
  return response.setHeader("content-type", "text/plain").end(`${pathname}\n`);
}
