import { PROTOCOLS, type Protocol } from "./hello.ts";

/** What a server chose. */
export interface Choice {
  protocol: Protocol | undefined;
  suite: number;
  compression: number;
  /** It answered the offer of session tickets (RFC 5077). */
  ticket: boolean;
  /** It protects renegotiation (RFC 5746). */
  renegotiation: boolean;
  /** Bits of the fresh key of a DHE suite. */
  dhBits?: number;
}

/** The handshake so far: still going, refused, or chosen. */
export type Progress =
  { state: "more" } | { state: "refused"; why: string } | { state: "chosen"; choice: Choice };

/** Reads as much of a server's first flight as has arrived. Everything in it is plain text up to TLS 1.2. */
export function readFlight(bytes: Buffer, wantKey: boolean): Progress {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length;) {
    const [type, length] = [bytes[at]!, bytes.readUInt16BE(at + 3)];
    if (at + 5 + length > bytes.length) break;
    const body = bytes.subarray(at + 5, at + 5 + length);
    // A warning, such as "unrecognized name", refuses nothing: the handshake may go on (RFC 5246 7.2).
    const isWarning = type === 21 && body[0] === 1;
    if (type === 21 && !isWarning && messages.length === 0)
      return { state: "refused", why: `alert ${body[1] ?? "?"}` };
    if (type !== 22 && !isWarning && messages.length === 0) return { state: "refused", why: "no TLS answer" };
    if (type === 22) messages.push(body);
    at += 5 + length;
  }
  if (bytes.length >= 5 && bytes[0] !== 21 && bytes[0] !== 22)
    return { state: "refused", why: "no TLS answer" };
  const handshakes = split(Buffer.concat(messages));
  const hello = handshakes.find(({ type }) => type === 2);
  if (!hello) return { state: "more" };
  const choice = readHello(hello.body);
  if (!wantKey || choice.protocol === "TLS 1.3") return { state: "chosen", choice };
  const exchange = handshakes.find(({ type }) => type === 12);
  if (exchange) return { state: "chosen", choice: { ...choice, dhBits: exchange.body.readUInt16BE(0) * 8 } };
  return handshakes.some(({ type }) => type === 14) ? { state: "chosen", choice } : { state: "more" };
}

function split(bytes: Buffer): { type: number; body: Buffer }[] {
  const found: { type: number; body: Buffer }[] = [];
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUIntBE(at + 1, 3);
    if (at + 4 + length > bytes.length) break;
    found.push({ type: bytes[at]!, body: bytes.subarray(at + 4, at + 4 + length) });
    at += 4 + length;
  }
  return found;
}

/** A ServerHello, or the HelloRetryRequest that looks the same (RFC 8446 4.1.3): both carry the choice. */
function readHello(body: Buffer): Choice {
  const session = body[34] ?? 0;
  let at = 35 + session;
  const [suite, compression] = [body.readUInt16BE(at), body[at + 2]!];
  at += 3;
  let version = body.readUInt16BE(0);
  const seen = new Set<number>();
  if (at + 2 <= body.length) {
    const end = Math.min(body.length, at + 2 + body.readUInt16BE(at));
    for (at += 2; at + 4 <= end; at += 4 + body.readUInt16BE(at + 2)) {
      const type = body.readUInt16BE(at);
      seen.add(type);
      if (type === 43) version = body.readUInt16BE(at + 4);
    }
  }
  const protocol = (Object.keys(PROTOCOLS) as Protocol[]).find((name) => PROTOCOLS[name] === version);
  return { protocol, suite, compression, ticket: seen.has(35), renegotiation: seen.has(0xff01) };
}
