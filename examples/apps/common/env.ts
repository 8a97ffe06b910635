import { readFileSync } from "node:fs";

/** The environment as a process sees it: names to texts. */
export type Values = Record<string, string | undefined>;

/** Start-up refused: one line for each bad variable, never with the value of a secret (requirement A24). */
export class ConfigError extends Error {
  /** @param problems one line each: the variable, what was found, what is expected, the remedy */
  constructor(readonly problems: string[]) {
    super(
      `The configuration has ${problems.length} problem(s):\n${problems.map((p) => `  - ${p}`).join("\n")}`,
    );
    this.name = "ConfigError";
  }
}

/** Reads typed values from the environment and collects every problem, so that all are reported at once. */
export class Env {
  readonly problems: string[] = [];
  readonly secrets: string[] = [];

  constructor(private readonly values: Values) {}

  /** A text. An empty one counts as unset, because compose files and shells can't tell the two apart. */
  text(name: string, fallback: string): string;
  text(name: string): string | undefined;
  text(name: string, fallback?: string): string | undefined {
    return this.values[name] || fallback;
  }

  /** A whole number within `min`–`max`, both included. */
  integer(name: string, range: { fallback: number; min: number; max: number }): number {
    const found = this.values[name];
    if (!found) return range.fallback;
    const value = Number(found);
    if (/^\d+$/.test(found) && value >= range.min && value <= range.max) return value;
    this.problem(name, `expected a whole number ${range.min}–${range.max}, got ${JSON.stringify(found)}`);
    return range.fallback;
  }

  /** One text of a list. */
  choice<T extends string>(name: string, options: readonly T[], fallback: T): T {
    const found = this.values[name];
    if (!found) return fallback;
    if ((options as readonly string[]).includes(found)) return found as T;
    this.problem(name, `expected one of ${options.join(", ")}, got ${JSON.stringify(found)}`);
    return fallback;
  }

  /** An absolute URL of one of these schemes (each with its colon: `https:`). The value may be shown. */
  url(name: string, schemes: string[]): URL | undefined {
    const found = this.values[name];
    if (!found) return undefined;
    const url = URL.canParse(found) ? new URL(found) : undefined;
    if (url && schemes.includes(url.protocol)) return url;
    this.problem(name, `expected a URL that starts with ${oneOf(schemes)}, got ${JSON.stringify(found)}`);
    return undefined;
  }

  /**
   * A secret from `NAME`, or from the file that `NAME_FILE` points to (trailing line ends are dropped).
   * Its value is kept in {@link secrets}, for the log to hide, and is in no problem's text.
   */
  secret(name: string): string | undefined {
    const [direct, path] = [this.values[name], this.values[`${name}_FILE`]];
    if (direct && path) {
      this.problem(name, `both ${name} and ${name}_FILE are set; keep one of them`);
      return undefined;
    }
    const value = path ? this.file(`${name}_FILE`, path) : direct;
    if (value) this.secrets.push(value);
    return value;
  }

  /** A secret that must be there and be a URL of one of these schemes. */
  secretUrl(name: string, schemes: string[], example: string): string {
    const value = this.secret(name);
    const url = value && URL.canParse(value) ? new URL(value) : undefined;
    if (url && schemes.includes(url.protocol)) {
      if (url.password) this.secrets.push(url.password, decoded(url.password));
      return value as string;
    }
    const remedy = `set ${name}=${example}, or ${name}_FILE to the path of a file that holds it`;
    if (value)
      this.problem(name, `the value (not shown) is no URL that starts with ${oneOf(schemes)}; ${remedy}`);
    else if (!this.problems.some((p) => p.startsWith(name))) this.problem(name, `is not set; ${remedy}`);
    return "";
  }

  problem(name: string, text: string): void {
    this.problems.push(`${name}: ${text}`);
  }

  /** @throws ConfigError when anything was wrong */
  check(): void {
    if (this.problems.length) throw new ConfigError(this.problems);
  }

  private file(name: string, path: string): string | undefined {
    try {
      const text = readFileSync(path, "utf8").replace(/[\r\n]+$/, "");
      if (text) return text;
      this.problem(name, `the file ${path} is empty; write the secret into it`);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
      this.problem(name, `can't read ${path} (${code}); mount the file there and let this user read it`);
    }
    return undefined;
  }
}

function oneOf(schemes: string[]): string {
  return schemes.map((scheme) => `${scheme}//`).join(" or ");
}

/** Percent-decoded, or as it was when it isn't valid: a driver may show either form in its errors. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
