import { latency, throughput, type Ask, type Counts } from "./edge/load.ts";
import { pairsOf, Rounds } from "./edge/rounds.ts";
import { Stage, type Application } from "./edge/stage.ts";
import { median } from "./pairs.ts";
import type { Keep } from "./table.ts";

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
 *
 * A competitor's failures are a figure in its note; ours are a row of their own that must be 0.
 * @param keep takes each figure as soon as it is there
 */
export async function measureEdge(rounds: number, say: (line: string) => void, keep: Keep): Promise<void> {
  const errors: unknown[] = [];
  for (const application of ["page", "light"] as const) {
    const stage = new Stage();
    try {
      say(`edge: ${TITLES[application]}`);
      await stage.start(application);
      await measure(stage, application, rounds, keep);
    } catch (error) {
      errors.push(error);
    } finally {
      await stage.end();
    }
  }
  if (errors.length > 0) throw errors[0];
}

const TITLES: Record<Application, string> = { page: "sample page", light: "application without cost" };

async function measure(stage: Stage, application: Application, rounds: number, keep: Keep): Promise<void> {
  const title = TITLES[application];
  const full = await inTurn(stage, rounds, FULL, throughput);
  for (const [other, name, least] of [
    ["plain", "plain Nginx", 0.85],
    ["caddy", "Caddy", 1],
  ] as const) {
    const ratios = pairsOf(full, "edge", other, (ours, theirs) => ours / theirs);
    const how = `${full.text(0)} a second; rounds of ${FULL.seconds} s, ${FULL.connections} connections`;
    const note = other === "plain" ? how : undefined;
    if (ratios.length > 0)
      keep({ measure: `edge ÷ ${name}, ${title}`, figure: median(ratios), unit: "×", least, note });
  }
  const slow = await inTurn(stage, rounds, MODERATE, (ask) => latency(ask, RATE, 0.99));
  const added = pairsOf(slow, "edge", "plain", (ours, theirs) => ours - theirs).sort((a, b) => a - b);
  if (added.length > 0)
    keep({
      measure: `p99 that the edge adds, ${title}`,
      figure: median(added),
      unit: "ms",
      goal: 1,
      note:
        `${added[0]!.toFixed(2)} to ${added.at(-1)!.toFixed(2)}, rounds of ${MODERATE.seconds} s; ` +
        `${slow.text(2)} ms at ${RATE}/s`,
    });
  const [lost, broken] = [
    full.lost("edge") + slow.lost("edge"),
    [...full.broken("edge"), ...slow.broken("edge")],
  ];
  keep({
    measure: `requests that the edge lost, ${title}`,
    figure: lost,
    unit: "",
    goal: 0,
    note: `of ${full.asked("edge") + slow.asked("edge")}`,
  });
  if (broken.length > 0) throw new Error(`edge, ${title}: ${broken[0]}`);
}

/** Rounds A B C A B C …, so that whatever else the machine does meets all alike; the first isn't counted. */
async function inTurn(
  stage: Stage,
  rounds: number,
  how: Pick<Ask, "connections" | "seconds">,
  take: (ask: Ask) => Promise<Counts & { figure: number }>,
): Promise<Rounds<Name>> {
  const found = new Rounds(NAMES);
  for (let round = 0; round <= rounds; round++)
    for (const name of NAMES)
      await found.take(name, round > 0, () =>
        take({ asker: stage.asker, target: stage.target(name), url: stage.url, ...how }),
      );
  return found;
}
