import type { Present } from "./add.ts";

/** What the import is told beside the file. */
export interface Target {
  stack: string;
  /** The project's folder. */
  root: string;
  domain?: string;
  address?: string;
  hostKey?: string;
  email?: string;
  profiles?: readonly string[];
  /** The stack that the applications come to; absent for a new one. */
  present?: Present;
}
