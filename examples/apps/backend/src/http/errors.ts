/** An error for the caller: a status, a short code for programs, a sentence for people. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }
}

/** Postgres or Redis doesn't answer. The cause goes to the log only. */
export class Unavailable extends HttpError {
  constructor(part: "database" | "cache", cause: unknown) {
    super(503, `${part}_unavailable`, `The ${part} doesn't answer; try again soon.`, { "Retry-After": "2" });
    this.cause = cause;
  }
}
