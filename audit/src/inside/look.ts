/** A read-only question to the server. */
export type Request =
  | { run: readonly string[]; seconds?: number }
  /** For every line that the first prints, the second with that line for `{}`. */
  | { each: readonly string[]; run: readonly string[] }
  | { read: string }
  /** Paths with wildcards; `deep` goes below folders. */
  | { stat: readonly string[]; deep?: boolean }
  /** The own check of every container whose first one Docker hasn't run yet, by name; `docker` is the client. */
  | { starting: string }
  /** Places where a secret must not be; see `assets/host/fairlead/look.py`. */
  | { search: { secrets: Record<string, string>; root: string } };

/** What came back: a program's end, or a file's text. */
export interface Answer {
  /** Exit code; 127 when the program isn't there. */
  code: number;
  out: string;
  err: string;
}
export type Answers = Record<string, Answer>;

/** A mode, an owner, and what it is. */
export interface Stat {
  path: string;
  /** Permission bits. */
  mode: number;
  user: string;
  group: string;
  type: "file" | "folder" | "link" | "other";
}

/** Something that a family needs could not be asked. */
export class Unavailable extends Error {}

/** The output of a program that must have ended well. */
export function output(answers: Answers, name: string): string {
  const { code, out, err } = answer(answers, name);
  if (code !== 0)
    throw new Unavailable(`${name}: ${(err.trim() || out.trim()).slice(-200) || `exit code ${code}`}`);
  return out;
}

/** An answer with any exit code; a program that isn't there has none. */
export function answer(answers: Answers, name: string): Answer {
  const found = answers[name];
  if (!found) throw new Unavailable(`${name} was not answered`);
  if (found.code === 127) throw new Unavailable(`${name}: ${found.err || "not installed"}`);
  return found;
}

/** An answer if there is one; a missing program or file is no error here. */
export function maybe(answers: Answers, name: string): string | undefined {
  const found = answers[name];
  return found?.code === 0 ? found.out : undefined;
}

export function stats(answers: Answers, name: string): Stat[] {
  return JSON.parse(output(answers, name)) as Stat[];
}

/** Lines that hold something. */
export const lines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** The answers of an `each`, by line. */
export function perLine(answers: Answers, name: string): Record<string, Answer> {
  return JSON.parse(output(answers, name)) as Record<string, Answer>;
}
