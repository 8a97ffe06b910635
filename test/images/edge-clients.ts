import { connect as connectH2, type OutgoingHttpHeaders } from "node:http2";
import { connect as connectTls } from "node:tls";
import { fixedLookup } from "../../automation/lib/probe.ts";
import type { EdgeSite } from "./edge-site.ts";
import { run } from "./support.ts";

/** An answer, over any version of HTTP. */
export interface Got {
  /** 0 when there was no answer. */
  status: number;
  /** Content type. */
  type: string;
  body: string;
}

const NAME = "maicivy.test";

/** Bytes over a connection with TLS, as no library would send them; the answer until the edge closes it, or says no more. */
export function raw(site: EdgeSite, ...parts: (string | Buffer)[]): Promise<Got> {
  return new Promise((done) => {
    const to = { host: site.address, port: 443, servername: NAME, rejectUnauthorized: false };
    const socket = connectTls(to, () => {
      for (const part of parts) socket.write(part);
    });
    const received: Buffer[] = [];
    socket.on("data", (part: Buffer) => {
      received.push(part);
      // Another protocol may not end it, nor a server that keeps the connection open.
      socket.setTimeout(1000);
    });
    socket.on("error", () => socket.destroy());
    socket.setTimeout(10_000, () => socket.destroy());
    socket.on("close", () => done(parsed(Buffer.concat(received).toString())));
  });
}

/** One request over HTTP/1.1, as text, which asks to close the connection. */
export function one(
  site: EdgeSite,
  line: string,
  headers: readonly string[] = [],
  body: string | Buffer = "",
): Promise<Got> {
  const host = headers.some((header) => /^host:/i.test(header)) ? [] : [`Host: ${NAME}`];
  const head = [`${line} HTTP/1.1`, ...host, ...headers, "Connection: close", "", ""].join("\r\n");
  return raw(site, head, body);
}

/** One request over HTTP/2. */
export function two(site: EdgeSite, headers: OutgoingHttpHeaders, body?: Buffer): Promise<Got> {
  return new Promise((done) => {
    const settings = { maxSessionMemory: 100, maxSendHeaderBlockLength: 1024 ** 2 };
    const lookup = fixedLookup(site.address);
    const session = connectH2(`https://${NAME}`, { lookup, rejectUnauthorized: false, ...settings });
    const got: Got = { status: 0, type: "", body: "" };
    const end = (): void => {
      clearTimeout(late);
      session.destroy();
      done(got);
    };
    const late = setTimeout(end, 10_000);
    session.on("error", end);
    const stream = session.request(headers);
    stream.on("response", (answer) => {
      got.status = answer[":status"] ?? 0;
      got.type = answer["content-type"] ?? "";
    });
    stream.on("data", (part: Buffer) => (got.body += part.toString()));
    stream.on("error", end).on("close", end).end(body);
  });
}

/**
 * One request over HTTP/3, by curl beside the edge. An answer that comes while it still sends a body is an error to it now
 * and then, so it may try again.
 */
export async function three(site: EdgeSite, path: string, ...options: string[]): Promise<Got> {
  const to = ["--http3-only", "-k", "--resolve", `${NAME}:443:127.0.0.1`, `https://${NAME}${path}`];
  const curl = ["curl", "-s", "-i", "-m", "10", "--path-as-is", ...options, ...to];
  for (let tries = 1; ; tries++) {
    const { code, out } = await run(site.edge, ...curl);
    if (code !== 0 && tries < 5) continue;
    return parsed(out.replaceAll(/\r?\n/g, "\r\n"));
  }
}

function parsed(text: string): Got {
  const end = text.indexOf("\r\n\r\n");
  const head = text.slice(0, end < 0 ? text.length : end);
  return {
    status: Number(/^HTTP\/[\d.]+ (\d{3})/.exec(head)?.[1] ?? 0),
    type: /^content-type: (.*)$/im.exec(head)?.[1] ?? "",
    body: end < 0 ? "" : text.slice(end + 4),
  };
}
