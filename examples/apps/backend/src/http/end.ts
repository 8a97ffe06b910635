import type { ServerResponse } from "node:http";

/** How long a client that is still sending has to read its answer, milliseconds. */
const LINGER = 1000;

/**
 * Ends an answer with its text. When the connection is to close while the client is still sending, what comes is thrown
 * away for a moment more: a connection closed over unread bytes is reset, and the client may lose the answer (RFC 9112,
 * 9.6).
 */
export function endWith(res: ServerResponse, text: string): void {
  if (res.req.complete || res.getHeader("Connection") !== "close") {
    res.end(text);
    return;
  }
  res.write(text);
  const end = setTimeout(() => res.end(), LINGER);
  res.once("close", () => clearTimeout(end));
}
