/** A template with the variables of the environment filled in, and the parts of it that only Ruby can run. */
export interface Rendered {
  text: string;
  /** Variables that are set nowhere. */
  missing: string[];
  /** What was left out. */
  left: string[];
}

const NAME =
  /^ENV(?:\.fetch)?[[(]\s*["'](\w+)["']\s*(?:,\s*["']?([^"')]*)["']?\s*)?[\])](?:\s*\|\|\s*["']([^"']*)["'])?$/;

/** Renders `<%= ENV["NAME"] %>` and its forms with a default; no Ruby is run. */
export function render(template: string, variables: Readonly<Record<string, string>>): Rendered {
  const [missing, left]: [string[], string[]] = [[], []];
  const text = template.replaceAll(/<%(=?)-?([^]*?)-?%>/g, (whole, equals: string, inside: string) => {
    const [, name, fallback, other] = NAME.exec(inside.trim()) ?? [];
    if (equals === "" || name === undefined) {
      if (!inside.startsWith("#")) left.push(whole);
      return "";
    }
    const value = variables[name] ?? fallback ?? other;
    if (value === undefined) missing.push(name);
    return value ?? "";
  });
  return { text, missing, left };
}
