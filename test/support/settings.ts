import { parse, type Parsed } from "../../config/parse.ts";

/** The smallest stack that is complete. */
export const MINIMAL = {
  domain: "maicivy.test",
  apps: { api: { image: "ghcr.io/me/api:1.0.0", port: 8080 } },
};

/** Settings as Pulumi hands them over: scalars as they are, everything else as JSON. */
export function raw(settings: Record<string, unknown>): Record<string, string> {
  const entries = Object.entries(settings).map(([key, value]) => [
    `fairlead:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

export function parsed(settings: Record<string, unknown> = {}): Parsed {
  return parse("fairlead", "test", raw({ ...MINIMAL, ...settings }));
}

/** A digest that stands for nothing, and no test pulls it. */
export function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`;
}
