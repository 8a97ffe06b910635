import type { About } from "../../check.ts";

/** A point of the guide that this stack answers in another way, and why. */
export interface Exception {
  point: string;
  /** Container without the system's prefix; `*` for all. */
  container: string;
  /** What may be found; anything else is still wrong. */
  found: RegExp;
  why: string;
}

const SITE = /^(publishes )?(80|443)(, (80|443))*( on every address)?$/;

/** Nothing else is excused; the report and docs/audit.md show these. */
export const EXCEPTIONS: readonly Exception[] = [
  {
    point: "5.8",
    container: "nginx",
    found: SITE,
    why: "the edge answers on 80 and 443: browsers ask there",
  },
  {
    point: "5.10",
    container: "nginx",
    found: /^network host$/,
    why: "the edge sees the address of every visitor there, over IPv6 too; it has no more capabilities for it, and its status is on the loopback (decision 0021)",
  },
  {
    point: "5.14",
    container: "nginx",
    found: SITE,
    why: "the edge answers on every address of the server (H9)",
  },
  {
    point: "5.15",
    container: "*",
    found: /^unless-stopped$/,
    why: "restart policy unless-stopped is required (H22); a crash loop is found by containers.restarts",
  },
];

/** Why a container may differ at a point; `undefined` when it may not. */
export function excuse(point: string, container: string, found: string, { name }: About): string | undefined {
  const short = container.replace(`${name}_`, "");
  return EXCEPTIONS.find(
    (one) =>
      one.point === point && (one.container === "*" || one.container === short) && one.found.test(found),
  )?.why;
}
