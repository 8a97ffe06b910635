/** Options that every verb has. */
export interface Common {
  yes: boolean;
  json: boolean;
}

/** What a verb did or found: for programs, and for a person. */
export interface Answer {
  result: unknown;
  text: () => string;
  /** The exit code when it isn't 0. */
  code?: number;
}
