/** Runs at most `most` pieces of work at a time; the others wait in line. */
export class Limit {
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(most: number) {
    this.#most = most;
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) await new Promise<void>((resume) => this.#waiting.push(resume));
    else this.#running++;
    try {
      return await work();
    } finally {
      // The next in line takes over this place.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
