import type { Edge } from "../../config/schema/edge.ts";
import { asset } from "../assets.ts";
import { fill } from "./fill.ts";

/** Bodies of unknown length are taken whole onto the disk where none may be larger than this; bytes. */
const WHOLE = 16 * 1024 ** 2;
/** Sizes that are counted apart (`spool.conf`): the largest of each in bytes, and its share of the disk. */
const CLASSES: Record<string, { largest: (maxBody: number) => number; share: number }> = {
  medium: { largest: () => 10_000_000, share: 1 / 2 },
  // Places with other limits count together: theirs may be there beside those of the largest, so it is half of a quarter.
  unknown: { largest: (maxBody) => Math.min(maxBody, WHOLE), share: 1 / 8 },
};
/** The rest is for answers: Nginx has at most 1,024 requests under way in each of its processes; two are counted. */
const ANSWERS = { share: 1 / 4, count: 2048 };
const KIBIBYTE = 1024;

/** Bytes of one answer that are kept for a visitor who reads slowly; the rest of it waits at the application. */
export function largestAnswer({ spool }: Edge): string {
  return `${Math.max(64, Math.floor((spool * ANSWERS.share) / ANSWERS.count / KIBIBYTE))}k`;
}

/** Maps and zones that tell what is spooled, and count it (ngx_http_limit_conn_module). */
export function spoolZones(): string {
  const classes = Object.keys(CLASSES).map((name) => fill(asset("edge/spool-class.conf"), { name }));
  return fill(asset("edge/spool.conf"), { classes: classes.join("") });
}

/** Whether bodies of unknown length go the same way: not where one may be larger than what is kept. */
export function spoolsUnknown(maxBody: number): boolean {
  return maxBody <= WHOLE;
}

/**
 * How many bodies may lie on the disk at once: of all visitors together, and half of that of one address.
 * @param maxBody bytes, the largest body at this place
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
