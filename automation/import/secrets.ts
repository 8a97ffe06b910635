import { isUnknown } from "./kamal/secrets.ts";
import { secretName } from "./names.ts";

/** Secrets that the stack needs, by name, with their values where the old stack had them. */
export class FoundSecrets {
  readonly values = new Map<string, string>();

  /** The name in the stack of an application's secret; one that another application has with another value gets its own. */
  claim(app: string, variable: string, given: string): string {
    const value = isUnknown(given) ? "" : given;
    const plain = secretName(variable);
    const known = this.values.get(plain);
    if (known === undefined || known === value) {
      this.values.set(plain, value);
      return plain;
    }
    const own = secretName(`${app}_${variable}`);
    this.values.set(own, value);
    return own;
  }

  /** Those whose value nobody knows. */
  missing(): string[] {
    return [...this.values].flatMap(([name, value]) => (value === "" ? [name] : []));
  }

  /** Those that can be set, by name. */
  known(): Record<string, string> {
    return Object.fromEntries([...this.values].filter(([, value]) => value !== ""));
  }
}
