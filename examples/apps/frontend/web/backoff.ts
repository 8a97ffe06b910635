/** Waiting times for a client that comes back: doubled each time up to 30 s, spread so that not all come at once. */
export class Backoff {
  private tries = 0;

  /** Milliseconds to wait before the next try. */
  next(): number {
    const ms = Math.min(1000 * 2 ** this.tries, 30_000);
    this.tries += 1;
    return ms * (0.5 + Math.random() / 2);
  }

  /** It worked: start from short times again. */
  reset(): void {
    this.tries = 0;
  }
}
