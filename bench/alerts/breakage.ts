import type { People } from "./people.ts";
import type { AlertStack, Memory } from "./stack.ts";

/** What breaks, and what must be told of it. */
export interface Breakage {
  /** In a few words, for the table. */
  how: string;
  /** Alerts by name, with labels that make one of several. */
  alerts: { alert: string; labels?: Record<string, string> }[];
  break: () => Promise<unknown>;
  mend: () => Promise<unknown>;
}

/** What breakages are made with. */
export interface Scene {
  stack: AlertStack;
  people: People;
  /** This machine's, when the threshold was declared. */
  memory: Memory;
}
