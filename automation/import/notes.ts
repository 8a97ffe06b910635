/** What became of a key: taken over, done in another way, or not done. */
export type Outcome = "taken" | "different" | "not";

export interface Note {
  /** The service; absent for what belongs to the whole file. */
  service?: string;
  /** The key, as the file spells it. */
  key: string;
  outcome: Outcome;
  text: string;
}

/** The report of an import while it grows; the same sentence about the same key is said once. */
export class Notes {
  readonly all: Note[] = [];

  add(service: string | undefined, key: string, outcome: Outcome, text: string): void {
    const known = this.all.some((one) => one.service === service && one.key === key && one.text === text);
    if (!known) this.all.push({ service, key, outcome, text });
  }
}
