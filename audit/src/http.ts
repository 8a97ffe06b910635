import { isIP, type LookupFunction } from "node:net";
import { connect } from "node:tls";
import { Agent, request } from "undici";
import type { Target } from "./target.ts";
import { serverName } from "./tls/name.ts";

/** What a server answered to one request. */
export interface Answered {
  status: number;
  /** Names in lower case; several values of one header are joined as HTTP does (RFC 9110 5.3). */
  headers: Record<string, string>;
  cookies: string[];
  body: string;
}

/** Tries, a second apart, before a 429 is the answer. */
const PATIENCE = 10;

/** What may be sent again (RFC 9110 9.2.2) when an open connection was closed at the moment that it was used (RFC 9112 9.3.1). */
const IDEMPOTENT = ["GET", "HEAD", "OPTIONS", "TRACE"];
const CLOSED = ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"];

/** One visitor, by name over the target's address. It looks at a site even when it wouldn't trust it: that is judged apart. */
export class Visitor {
  private readonly agent: Agent;

  constructor(private readonly target: Target) {
    const lookup = leadingTo(target.address);
    this.agent = new Agent({
      connect: { rejectUnauthorized: false, timeout: 10_000, ...(lookup ? { lookup } : {}) },
      connections: 8,
    });
  }

  /** Asks for a path of the HTTPS site; redirects are not followed. Whoever asks much has to wait for the site's own limit. */
  async ask(
    path: string,
    options: { method?: string; headers?: Record<string, string>; hasty?: boolean } = {},
  ): Promise<Answered> {
    const url = new URL(path, this.target.about.url).href;
    for (let tries = 1; ; tries++) {
      const answer = await this.fetch(url, options);
      if (answer.status !== 429 || options.hasty || tries === PATIENCE) return answer;
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }

  /** Asks the plain HTTP port under one of the site's names. */
  plain(path: string, name = this.target.about.names[0]!): Promise<Answered> {
    return this.fetch(`http://${name}:${this.target.httpPort}${path}`, {});
  }

  private async fetch(
    url: string,
    { method = "GET", headers }: { method?: string; headers?: Record<string, string> },
  ): Promise<Answered> {
    const send = (): ReturnType<typeof request> =>
      request(url, {
        dispatcher: this.agent,
        method: method as "GET",
        headers: { "user-agent": "fairlead-audit", ...headers },
        headersTimeout: 15_000,
        bodyTimeout: 15_000,
      });
    const answer = await send().catch((error: NodeJS.ErrnoException) => {
      if (!CLOSED.includes(error.code ?? "") || !IDEMPOTENT.includes(method)) throw error;
      return send();
    });
    const text = await answer.body.text();
    const flat = Object.entries(answer.headers).map(([name, value]) => [
      name.toLowerCase(),
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]);
    const cookies = [answer.headers["set-cookie"] ?? []].flat();
    return {
      status: answer.statusCode,
      headers: Object.fromEntries(flat) as Record<string, string>,
      cookies,
      body: text.slice(0, 512 * 1024),
    };
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

/** Status of the answer to a request that a careful client would never send; 0 when the connection is cut instead. */
export function rawStatus(
  { about, address, httpsPort }: Target,
  line: string,
  headers: string[],
): Promise<number> {
  const { hostname, host } = new URL(about.url);
  return new Promise((done, fail) => {
    const to = { ...serverName(hostname), host: address, port: httpsPort };
    const socket = connect({ ...to, rejectUnauthorized: false });
    let asked = false;
    const end = (status: number): void => {
      socket.destroy();
      done(status);
    };
    socket.setTimeout(10_000, () => {
      fail(new Error(`no answer to ${line.split(" ")[0]} within 10 s`));
      socket.destroy();
    });
    socket.on("secureConnect", () => {
      asked = true;
      socket.write([line, `Host: ${host}`, "User-Agent: fairlead-audit", ...headers, "", ""].join("\r\n"));
    });
    socket.on("data", (part: Buffer) =>
      end(Number(/^HTTP\/1\.[01] (\d{3})/.exec(part.toString("latin1"))?.[1] ?? 0)),
    );
    socket.on("close", () => end(0));
    socket.on("error", (error) => (asked ? end(0) : fail(error)));
  });
}

/** Answers every name with one address; an address that is a name itself is left to the resolver. */
function leadingTo(address: string): LookupFunction | undefined {
  const family = isIP(address);
  if (family === 0) return undefined;
  return (_name, { all }, answer) =>
    all ? answer(null, [{ address, family }]) : answer(null, address, family);
}

/** Does something with a visitor and sends them home. */
export async function visit<T>(target: Target, what: (visitor: Visitor) => Promise<T>): Promise<T> {
  const visitor = new Visitor(target);
  try {
    return await what(visitor);
  } finally {
    await visitor.close();
  }
}
