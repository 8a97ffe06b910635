import type { Edge } from "../../../config/schema/edge.ts";
import { asset } from "../../lib/assets.ts";
import { fill } from "../../lib/fill.ts";

/** Bodies of unknown length are spooled only where none may be larger than this; bytes. */
const MAX_UNKNOWN = 16 * 1024 ** 2;
/** Classes of bodies that are counted separately (`spool.conf`): the largest of each in bytes, and its share of the disk. */
const CLASSES: Record<string, { largest: (maxBody: number) => number; share: number }> = {
  medium: { largest: () => 10_000_000, share: 1 / 2 },
  // Locations with different limits share one count, so bodies of two sizes can lie there at once: half of a quarter.
  unknown: { largest: (maxBody) => Math.min(maxBody, MAX_UNKNOWN), share: 1 / 8 },
};
/** The rest is for answers: Nginx has at most 1,024 requests under way in each of its processes; two are counted. */
const ANSWERS = { share: 1 / 4, count: 2048 };
const KIBIBYTE = 1024;

/** Bytes of one answer that are kept for a visitor who reads slowly; the rest of it waits at the application. */
export function largestAnswer({ spool }: Edge): string {
  return `${Math.max(64, Math.floor((spool * ANSWERS.share) / ANSWERS.count / KIBIBYTE))}k`;
}

/** Maps and zones that decide what is spooled, and count it (ngx_http_limit_conn_module). */
export function spoolZones(): string {
  const classes = Object.keys(CLASSES).map((name) => fill(asset("edge/spool-class.conf"), { name }));
  return fill(asset("edge/spool.conf"), { classes: classes.join("") });
}

/** Whether bodies of unknown length are spooled too. */
export function spoolsUnknown(maxBody: number): boolean {
  return maxBody <= MAX_UNKNOWN;
}

/**
 * How many bodies may lie on the disk at once: of all visitors together, and of one address half as many.
 * @param maxBody bytes, the largest body at this location
 */
export function spoolLimits({ spool }: Edge, maxBody: number): string[] {
  return Object.entries(CLASSES).flatMap(([name, { largest, share }]) => {
    const all = Math.floor((spool * share) / largest(maxBody));
    return [
      `limit_conn spool_${name} ${Math.min(65535, Math.max(1, all))};`,
      `limit_conn spool_one_${name} ${Math.min(65535, Math.max(1, Math.ceil(all / 2)))};`,
    ];
  });
}
