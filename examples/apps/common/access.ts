import type { IncomingMessage, ServerResponse } from "node:http";
import { clientAddress } from "./client.ts";
import type { Logger } from "./log.ts";

/** Requests of machines, every few seconds: worth a line only when they fail. */
const PROBES = new Set(["/health", "/health/deep", "/api/health", "/api/health/deep", "/metrics"]);

/** Status in the log when the client left before there was an answer (as in nginx). */
const CLIENT_CLOSED = 499;

/**
 * Logs one line when an exchange is over (requirement A21). The query isn't logged: tokens travel there.
 * @param done called once with the final status and the seconds that it took
 */
export function logExchange(
  log: Logger,
  req: IncomingMessage,
  res: ServerResponse,
  done: (status: number, seconds: number) => void = () => {},
): void {
  const start = process.hrtime.bigint();
  // Read now: a socket that was closed has forgotten its address.
  const fields = requestFields(req);
  res.once("close", () => {
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    const status = res.headersSent ? res.statusCode : CLIENT_CLOSED;
    log[levelOf(fields.path, status)](withResult(fields, status, ms), "request");
    done(status, ms / 1000);
  });
}

/** What a request's log line says of the request itself. */
export interface RequestFields {
  method: string;
  path: string;
  ip: string;
  userAgent: string;
  /** What the edge calls the request, in its own log too. */
  requestId: string | undefined;
}

export function requestFields(req: IncomingMessage): RequestFields {
  return {
    method: req.method ?? "",
    path: pathOf(req),
    ip: clientAddress(req),
    userAgent: req.headers["user-agent"] ?? "",
    requestId: requestId(req),
  };
}

/** Absent where no edge stands in front; whoever asks then could write anything. */
function requestId({ headers }: IncomingMessage): string | undefined {
  return /^[\w-]{1,64}$/.exec(String(headers["x-request-id"] ?? ""))?.[0];
}

/** The fields of a finished request; `duration` is in milliseconds. */
export function withResult({ method, path, ...client }: RequestFields, status: number, ms: number) {
  return { method, path, status, duration: Math.round(ms * 10) / 10, ...client };
}

function levelOf(path: string, status: number): "debug" | "info" | "warn" | "error" {
  if (PROBES.has(path)) return status >= 500 ? "warn" : "debug";
  return status >= 500 ? "error" : "info";
}

/** The path of a request, without its query. */
export function pathOf(req: IncomingMessage): string {
  return (req.url ?? "/").split("?", 1)[0] || "/";
}
