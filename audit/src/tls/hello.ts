import { generateKeyPairSync, randomBytes } from "node:crypto";
import { serverName } from "./name.ts";

/** Numbers of the protocols on the wire. */
export const PROTOCOLS = {
  "SSL 3.0": 0x0300,
  "TLS 1.0": 0x0301,
  "TLS 1.1": 0x0302,
  "TLS 1.2": 0x0303,
  "TLS 1.3": 0x0304,
} as const;
export type Protocol = keyof typeof PROTOCOLS;

/** What a probe offers. */
export interface Offer {
  protocol: Protocol;
  /** IANA numbers of the cipher suites. */
  suites: readonly number[];
  /** Server name (RFC 6066); none is sent when absent or an address. */
  name?: string;
}

/** No finite-field group: with one offered, servers may leave DHE suites out (RFC 7919). */
const GROUPS = [0x001d, 0x0017, 0x0018, 0x0019];
const SIGNATURES = [
  0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201, 0x0402,
  0x0202,
];

const u8 = (value: number): Buffer => Buffer.from([value & 0xff]);
const u16 = (value: number): Buffer => Buffer.from([(value >> 8) & 0xff, value & 0xff]);
const list16 = (values: readonly number[]): Buffer => Buffer.concat(values.map(u16));
/** A vector with its length in front, in one or two bytes. */
const vector = (body: Buffer, bytes: 1 | 2): Buffer =>
  Buffer.concat([bytes === 1 ? u8(body.length) : u16(body.length), body]);
const extension = (type: number, body: Buffer): Buffer => Buffer.concat([u16(type), vector(body, 2)]);

/**
 * A ClientHello as a TLS record (RFC 5246 7.4.1.2, RFC 8446 4.1.2). Written by hand because the TLS library under
 * Node refuses to offer what a good server must refuse to accept.
 */
export function clientHello({ protocol, suites, name }: Offer): Buffer {
  const modern = protocol === "TLS 1.3";
  const version = modern ? PROTOCOLS["TLS 1.2"] : PROTOCOLS[protocol];
  const extensions = protocol === "SSL 3.0" ? [] : extensionsOf(modern, name);
  const body = Buffer.concat([
    u16(version),
    randomBytes(32),
    vector(modern ? randomBytes(32) : Buffer.alloc(0), 1),
    // The last one says: renegotiation is protected (RFC 5746), and nothing is chosen by it.
    vector(list16([...suites, ...(modern ? [] : [0x00ff])]), 2),
    // DEFLATE is offered so that a server that still takes it shows it.
    vector(Buffer.from(modern ? [0] : [1, 0]), 1),
    ...(extensions.length > 0 ? [vector(Buffer.concat(extensions), 2)] : []),
  ]);
  const handshake = Buffer.concat([u8(1), u8(body.length >> 16), u16(body.length & 0xffff), body]);
  const record = Math.min(version, PROTOCOLS["TLS 1.0"]);
  return Buffer.concat([u8(22), u16(record), vector(handshake, 2)]);
}

function extensionsOf(modern: boolean, name: string | undefined): Buffer[] {
  const { servername } = serverName(name ?? "");
  return [
    ...(servername
      ? [extension(0, vector(Buffer.concat([u8(0), vector(Buffer.from(servername, "ascii"), 2)]), 2))]
      : []),
    extension(10, vector(list16(GROUPS), 2)),
    extension(11, vector(Buffer.from([0]), 1)),
    extension(13, vector(list16(SIGNATURES), 2)),
    extension(35, Buffer.alloc(0)),
    ...(modern ? [extension(43, vector(u16(PROTOCOLS["TLS 1.3"]), 1)), extension(51, keyShare())] : []),
  ];
}

/** A real X25519 key: a server checks the point before it answers. */
function keyShare(): Buffer {
  const { publicKey } = generateKeyPairSync("x25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return vector(Buffer.concat([u16(0x001d), vector(raw, 2)]), 2);
}
