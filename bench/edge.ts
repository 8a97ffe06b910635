import { latencies, quantile, throughput, type Ask } from "./edge/load.ts";
import { Stage, type Application } from "./edge/stage.ts";
import { median } from "./pairs.ts";
import type { Row } from "./table.ts";

const NAMES = ["edge", "plain", "caddy"] as const;
type Name = (typeof NAMES)[number];

/** As much as is answered. */
const FULL = { connections: 64, seconds: 4 };
/** Twenty requests are slower than the p99 of a round, so that it isn't the mishap of a few. */
const MODERATE = { connections: 10, seconds: 10 };
/** Requests a second. */
const RATE = 200;

/**
 * Our edge with its switch beside a plain Nginx and Caddy, all three in front of the same application, in turn: what
 * each carries over TLS connections that stay open, and what the edge adds to the slowest of a hundred requests.
 */
export async function measureEdge(rounds: number, say: (line: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const application of ["page", "light"] as const) {
    const stage = new Stage();
    try {
      say(`edge: ${TITLES[application]}`);
      await stage.start(application);
      rows.push(...(await measure(stage, application, rounds)));
    } finally {
      await stage.end();
    }
  }
  return rows;
}

const TITLES: Record<Application, string> = { page: "sample page", light: "application without cost" };

async function measure(stage: Stage, application: Application, rounds: number): Promise<Row[]> {
  const full = await inTurn(stage, rounds, FULL, throughput);
  const slow = await inTurn(stage, rounds, MODERATE, async (ask) =>
    quantile(await latencies(ask, RATE), 0.99),
  );
  const to = (name: Name): number => median(full.edge.map((rate, round) => rate / full[name][round]!));
  const added = slow.edge.map((p99, round) => p99 - slow.plain[round]!).sort((a, b) => a - b);
  const title = TITLES[application];
  return [
    {
      measure: `edge ÷ plain Nginx, ${title}`,
      figure: to("plain"),
      unit: "×",
      least: 0.85,
      note: `${medians(full, 0)} a second; ${rounds} rounds of ${FULL.seconds} s, ${FULL.connections} connections`,
    },
    { measure: `edge ÷ Caddy, ${title}`, figure: to("caddy"), unit: "×", least: 1 },
    {
      measure: `p99 that the edge adds, ${title}`,
      figure: median(added),
      unit: "ms",
      goal: 1,
      note:
        `${added[0]!.toFixed(2)} to ${added.at(-1)!.toFixed(2)} in ${rounds} rounds of ${MODERATE.seconds} s; ` +
        `${medians(slow, 2)} ms at ${RATE}/s`,
    },
  ];
}

function medians(figures: Record<Name, number[]>, digits: number): string {
  return NAMES.map((name) => `${name} ${median(figures[name]).toFixed(digits)}`).join(", ");
}

/** Rounds A B C A B C …, so that whatever else the machine does meets all alike; the first isn't counted. */
async function inTurn(
  stage: Stage,
  rounds: number,
  how: Pick<Ask, "connections" | "seconds">,
  take: (ask: Ask) => Promise<number>,
): Promise<Record<Name, number[]>> {
  const found: Record<Name, number[]> = { edge: [], plain: [], caddy: [] };
  for (let round = 0; round <= rounds; round++)
    for (const name of NAMES) {
      const figure = await take({ asker: stage.asker, target: stage.target(name), url: stage.url, ...how });
      if (round > 0) found[name].push(figure);
    }
  return found;
}
