import type { StackConfig } from "../../config/schema/index.ts";

/** What monitoring follows from: the settings of a stack, and its name. */
export type Watched = Pick<
  StackConfig,
  "name" | "domain" | "apps" | "database" | "cache" | "certificates" | "monitoring" | "notifications"
> & { stack: string };
