import { load, quantile, type Load } from "./edge/load.ts";
import { Stage, type Application } from "./edge/stage.ts";
import { median } from "./pairs.ts";
import type { Row } from "./table.ts";

const NAMES = ["edge", "plain", "caddy"] as const;
type Name = (typeof NAMES)[number];

/** Seconds of one load, connections, and requests a second where the load is moderate. */
const [SECONDS, CONNECTIONS, MODERATE] = [4, 64, 200];

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
  const full = await inTurn(stage, rounds);
  const slow = await inTurn(stage, rounds, MODERATE);
  const ratios = (name: Name): number[] => full.edge.map(({ rate }, index) => rate / full[name][index]!.rate);
  const rates = NAMES.map((name) => `${name} ${median(full[name].map(({ rate }) => rate)).toFixed(0)}/s`);
  const p99 = (name: Name): number => median(slow[name].map(({ times }) => quantile(times, 0.99)));
  const added = median(
    slow.edge.map(({ times }, index) => quantile(times, 0.99) - quantile(slow.plain[index]!.times, 0.99)),
  );
  const title = TITLES[application];
  const note = `${rates.join(", ")}; ${rounds} rounds of ${SECONDS} s, ${CONNECTIONS} connections`;
  return [
    {
      measure: `edge ÷ plain Nginx, ${title}`,
      figure: median(ratios("plain")),
      unit: "×",
      least: 0.85,
      note,
    },
    { measure: `edge ÷ Caddy, ${title}`, figure: median(ratios("caddy")), unit: "×", least: 1 },
    {
      measure: `p99 that the edge adds, ${title}`,
      figure: added,
      unit: "ms",
      goal: 1,
      note: `${NAMES.map((name) => `${name} ${p99(name).toFixed(2)} ms`).join(", ")} at ${MODERATE}/s`,
    },
  ];
}

/** Rounds A B C A B C …, so that whatever else the machine does meets all alike; the first isn't counted. */
async function inTurn(stage: Stage, rounds: number, rate?: number): Promise<Record<Name, Load[]>> {
  const found: Record<Name, Load[]> = { edge: [], plain: [], caddy: [] };
  for (let round = 0; round <= rounds; round++)
    for (const name of NAMES) {
      const one = await load({
        ...{ asker: stage.asker, target: stage.target(name), url: stage.url, rate },
        ...{ connections: rate === undefined ? CONNECTIONS : 10, seconds: SECONDS },
      });
      if (round > 0) found[name].push(one);
    }
  return found;
}
