import type { IncomingMessage } from "node:http";
import { HttpError } from "./errors.ts";

/** Largest body that is read, in bytes. */
export const BODY_LIMIT = 1024 * 1024;

/**
 * How much of a body that is too large is still taken in and thrown away. A server that closes while a proxy is
 * writing makes it report 502 and not our 413.
 */
const DISCARD_LIMIT = 16 * BODY_LIMIT;

/**
 * Reads a request's body.
 * @throws HttpError 413 when it is larger than {@link BODY_LIMIT}, 400 when the client left
 */
export function readBody(req: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const tooLarge = (headers?: Record<string, string>) =>
      reject(new HttpError(413, "body_too_large", `The body may have ${BODY_LIMIT} bytes at most.`, headers));
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) chunks.push(chunk);
      else chunks.length = 0;
      if (size > DISCARD_LIMIT) tooLarge({ Connection: "close" });
    });
    req.once("end", () => (size > BODY_LIMIT ? tooLarge() : resolve(Buffer.concat(chunks))));
    req.once("error", () => reject(new HttpError(400, "body_incomplete", "The body ended early.")));
  });
}

/** Reads a JSON object. @throws HttpError 400 when it is anything else */
export async function readJson(req: IncomingMessage): Promise<Record<string, unknown>> {
  const text = (await readBody(req)).toString("utf8");
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { ...value };
  } catch {
    // Falls through: no JSON at all gets the same error as JSON of another kind.
  }
  throw new HttpError(400, "body_invalid", "The body must be a JSON object.");
}
