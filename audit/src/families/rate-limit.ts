import { none, skip, unknown, when, type About, type Declared } from "../check.ts";
import { family } from "../family.ts";
import { visit } from "../http.ts";
import type { Target } from "../target.ts";

/** A short burst of requests from one address. */
export interface RateLimitEvidence {
  /** How many answers had which status. */
  statuses: Record<string, number>;
  sent: number;
  seconds: number;
  /** Whether it was more than is declared; absent where nothing is. */
  above?: boolean;
  /** Health paths that were refused during the burst. */
  starved: string[];
}

/** O16 asks for 150 quick calls; 400 end a bucket of 200 a minute with its burst. */
const BURST = 400;
/** Where figures are declared: requests above them, one of which must have been refused, and when to give up. */
const [ABOVE, LONGEST_S, LANES] = [50, 30, 12];
/** A limit above these is none: it is looked for as where nothing is declared. */
const [FASTEST, LARGEST] = [1000, 5000];

export const rateLimit = family<RateLimitEvidence>({
  title: "Rate limit",
  source: { where: "outside", intrusive: true, gather },
  checks: [
    {
      id: "limit.429",
      title: "A burst from one address is answered with 429",
      severity: "medium",
      requirements: ["E23", "E25", "O16"],
      remedy: "limit_req with limit_req_status 429 (edge in docs/configuration.md).",
      judge: ({ statuses, sent, seconds, above }, { stack }) => {
        const told = Object.entries(statuses)
          .map(([status, count]) => `${count}× ${status}`)
          .join(", ");
        if (Object.keys(statuses).every((status) => status === "none"))
          return unknown("no request was answered");
        if (above === false && !statuses["429"])
          return unknown(
            `${sent} requests in ${seconds.toFixed(1)} s are less than the declared ${stack!.limit!.perSecond} a second allow`,
          );
        return when(
          (statuses["429"] ?? 0) > 0 && !statuses["503"],
          `${sent} requests in ${seconds.toFixed(1)} s: ${told}`,
        );
      },
    },
    {
      id: "limit.health",
      title: "Health checks are answered while the limit refuses others",
      severity: "medium",
      requirements: ["E33", "O27"],
      remedy: "Leave health routes out of the request limit, or give them one of their own.",
      judge: ({ statuses, starved }, { health }) => {
        if (health.length === 0) return skip("no health path is known");
        if (!statuses["429"]) return skip("the limit refused nothing");
        return none(
          starved.map((path) => `${path} was refused`),
          "all answered",
        );
      },
    },
  ],
});

/** Health paths have a limit of their own: where the page is one, a page that isn't there shows the site's. */
const burstPath = ({ health }: About): string => (health.includes("/") ? "/fairlead-audit/limit" : "/");

/** The figures of a stack, where somebody could reach them. */
function declared({ stack }: About): Declared["limit"] {
  const limit = stack?.limit;
  return limit && limit.perSecond <= FASTEST && limit.burst <= LARGEST ? limit : undefined;
}

/** Stops at once when the limit is seen: the audit wants to know that it is there, not to hurt. */
async function gather(target: Target, say: (line: string) => void): Promise<RateLimitEvidence> {
  return visit(target, async (visitor) => {
    const statuses: Record<string, number> = {};
    const path = burstPath(target.about);
    const started = Date.now();
    let [sent, refused] = [0, 0];
    const limit = declared(target.about);
    const isAbove = (): boolean =>
      limit !== undefined && sent > limit.burst + ABOVE + (limit.perSecond * (Date.now() - started)) / 1000;
    const isDone = (): boolean =>
      limit ? isAbove() || Date.now() - started > LONGEST_S * 1000 : sent >= BURST;
    const lane = async (): Promise<void> => {
      while (!isDone() && refused < 5) {
        sent++;
        if (sent % 50 === 0) say(`rate limit: ${sent} requests`);
        const status = await visitor.ask(path, { hasty: true }).then(
          (answer) => String(answer.status),
          () => "none",
        );
        statuses[status] = (statuses[status] ?? 0) + 1;
        if (status === "429") refused++;
      }
    };
    await Promise.all(Array.from({ length: limit ? LANES : 6 }, lane));
    const seconds = (Date.now() - started) / 1000;
    const above = limit && isAbove();
    const starved: string[] = [];
    for (const path of target.about.health) {
      const status = await visitor.ask(path, { hasty: true }).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 429 || status === 503 || status === 0) starved.push(path);
    }
    return { statuses, sent, seconds, starved, above };
  });
}
