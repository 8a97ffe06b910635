import type { About, RequestLimit } from "../about.ts";
import { check, none, skip, unknown, when } from "../check.ts";
import { outside } from "../family.ts";
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

/** Requests where no limit is declared: O16 asks for 150 quick calls, and these exhaust a limit of 200 per minute. */
const UNDECLARED = 400;
/** Requests above the declared figures, one of which must have been refused. */
const ABOVE = 50;
/** Seconds after which reaching the declared figures is given up. */
const LONGEST = 30;
/** Requests under way at once: where figures are declared, and elsewhere. */
const LANES = { declared: 12, undeclared: 6 };
/** A limit above these is none: the audit does what it does where nothing is declared. */
const HIGHEST: RequestLimit = { perSecond: 1000, burst: 5000 };

export const rateLimit = outside<RateLimitEvidence>({
  title: "Rate limit",
  intrusive: true,
  gather,
  checks: [
    check({
      id: "limit.429",
      title: "A burst from one address is answered with 429",
      severity: "medium",
      requirements: ["E23", "E25", "O16"],
      remedy: "limit_req with limit_req_status 429 (edge in docs/configuration.md).",
      judge: ({ statuses, sent, seconds, above }, { stack }) => {
        const answers = Object.entries(statuses)
          .map(([status, count]) => `${count}× ${status}`)
          .join(", ");
        if (Object.keys(statuses).every((status) => status === "none"))
          return unknown("no request was answered");
        if (above === false && !statuses["429"])
          return unknown(
            `${sent} requests in ${seconds.toFixed(1)} s are fewer than the declared limit allows (${stack?.limit?.perSecond} per second)`,
          );
        return when(
          (statuses["429"] ?? 0) > 0 && !statuses["503"],
          `${sent} requests in ${seconds.toFixed(1)} s: ${answers}`,
        );
      },
    }),
    check({
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
    }),
  ],
});

/** Health paths have a limit of their own: where the page is one, a page that isn't there shows the site's. */
const burstPath = ({ health }: About): string => (health.includes("/") ? "/fairlead-audit/limit" : "/");

/** The figures of a stack, where one client can reach them. */
function declared({ stack }: About): RequestLimit | undefined {
  const limit = stack?.limit;
  return limit && limit.perSecond <= HIGHEST.perSecond && limit.burst <= HIGHEST.burst ? limit : undefined;
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
      limit ? isAbove() || Date.now() - started > LONGEST * 1000 : sent >= UNDECLARED;
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
    await Promise.all(Array.from({ length: limit ? LANES.declared : LANES.undeclared }, lane));
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
