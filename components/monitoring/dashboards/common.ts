import { createHash } from "node:crypto";
import type { Dashboard, Watched } from "./panel.ts";

/** Seconds. */
export const HOUR = 3600;

/** A dashboard of a stack: its title begins with the stack's name, its address is `<stack>-<part>`. */
export function dashboard(
  { name, environment }: Watched,
  part: string,
  given: Pick<Dashboard, "title" | "description" | "sections"> & Partial<Dashboard>,
): Dashboard {
  return {
    tags: [name, environment],
    range: HOUR,
    refresh: 30,
    ...given,
    title: given.title.startsWith(name) ? given.title : `${name} - ${given.title}`,
    uid: identity(`${name}-${part}`),
  };
}

/** Characters that Grafana allows in an identity. */
const LONGEST = 40;
const DIGEST = 8;

/** Long names are cut, and told apart by a digest. */
function identity(name: string): string {
  if (name.length <= LONGEST) return name;
  const digest = createHash("sha256").update(name).digest("hex").slice(0, DIGEST);
  return `${name.slice(0, LONGEST - DIGEST - 1)}-${digest}`;
}
