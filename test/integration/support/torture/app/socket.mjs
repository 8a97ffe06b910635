import { createHash } from "node:crypto";

/** RFC 6455 1.3. */
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const [CLOSE, PING, PONG] = [0x8, 0x9, 0xa];

/** A frame of the server's: never masked (RFC 6455 5.1). */
function frame(opcode, payload) {
  const { length } = payload;
  let head = Buffer.from([0x80 | opcode, length]);
  if (length > 125) {
    head = Buffer.from([0x80 | opcode, length > 65535 ? 127 : 126, ...Buffer.alloc(length > 65535 ? 8 : 2)]);
    if (length > 65535) head.writeBigUInt64BE(BigInt(length), 2);
    else head.writeUInt16BE(length, 2);
  }
  return Buffer.concat([head, payload]);
}

/** The first whole frame of some bytes, and what is left of them; nothing while it isn't there. */
function parse(bytes) {
  if (bytes.length < 2) return undefined;
  let [at, length] = [2, bytes[1] & 0x7f];
  const more = length === 126 ? 2 : length === 127 ? 8 : 0;
  if (bytes.length < at + more + 4) return undefined;
  if (more === 2) length = bytes.readUInt16BE(at);
  if (more === 8) length = Number(bytes.readBigUInt64BE(at));
  at += more;
  const mask = bytes.subarray(at, at + 4);
  at += 4;
  if (bytes.length < at + length) return undefined;
  const payload = Buffer.from(bytes.subarray(at, at + length));
  for (let index = 0; index < length; index++) payload[index] ^= mask[index % 4];
  return { opcode: bytes[0] & 0xf, payload, rest: bytes.subarray(at + length) };
}

/** A WebSocket that says its version first and then repeats what it hears; any other protocol is refused with 501. */
export function upgrade(request, socket, head) {
  socket.on("error", () => socket.destroy());
  if (request.headers.upgrade?.toLowerCase() !== "websocket") {
    socket.end("HTTP/1.1 501 Not Implemented\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return;
  }
  const key = `${request.headers["sec-websocket-key"]}${GUID}`;
  const accept = createHash("sha1").update(key).digest("base64");
  const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  socket.write(`${[...lines, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`);
  socket.write(frame(0x1, Buffer.from(JSON.stringify({ version: process.env.VERSION ?? "" }))));
  let bytes = head;
  socket.on("data", (part) => {
    bytes = Buffer.concat([bytes, part]);
    for (let found; (found = parse(bytes)); bytes = found.rest) {
      if (found.opcode === CLOSE) return socket.end(frame(CLOSE, found.payload));
      if (found.opcode === PING) socket.write(frame(PONG, found.payload));
      else if (found.opcode !== PONG) socket.write(frame(found.opcode, found.payload));
    }
  });
}
