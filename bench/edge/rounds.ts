import { median } from "../pairs.ts";
import type { Counts } from "./load.ts";

/** Figures of some that are measured in turn, round by round. One that fails in a round has no figure there, and loses no other. */
export class Rounds<Name extends string> {
  private readonly all: Map<
    Name,
    { figures: (number | undefined)[]; good: number; lost: number; broken: string[] }
  >;

  constructor(readonly names: readonly Name[]) {
    this.all = new Map(names.map((name) => [name, { figures: [], good: 0, lost: 0, broken: [] }]));
  }

  /** @param counts whether the figure is one of the result; what goes wrong counts always */
  async take(
    name: Name,
    counts: boolean,
    measure: () => Promise<Counts & { figure: number }>,
  ): Promise<void> {
    const mine = this.all.get(name)!;
    const found = await measure().catch((error: Error) => void mine.broken.push(error.message));
    if (counts) mine.figures.push(found?.figure);
    mine.good += found?.good ?? 0;
    mine.lost += found?.lost ?? 0;
  }

  figures(name: Name): readonly (number | undefined)[] {
    return this.all.get(name)!.figures;
  }

  lost(name: Name): number {
    return this.all.get(name)!.lost;
  }

  asked(name: Name): number {
    const { good, lost } = this.all.get(name)!;
    return good + lost;
  }

  /** Why rounds have no figure. */
  broken(name: Name): readonly string[] {
    return this.all.get(name)!.broken;
  }

  /** The middle figure of each, with what it lost: `edge 5321, caddy 4100 (lost 4 of 16000)`. */
  text(digits: number): string {
    return this.names
      .map((name) => {
        const figures = this.figures(name).filter((one) => one !== undefined);
        const lost = this.lost(name) > 0 ? [`lost ${this.lost(name)} of ${this.asked(name)}`] : [];
        const failed = this.broken(name).length;
        const broken = failed > 0 ? [`${failed} ${failed === 1 ? "round" : "rounds"} failed`] : [];
        const more = [...lost, ...broken].join(", ");
        const middle = figures.length > 0 ? median(figures).toFixed(digits) : "–";
        return `${name} ${middle}${more ? ` (${more})` : ""}`;
      })
      .join(", ");
  }
}

/** One figure for each round in which both were measured. */
export function pairsOf<Name extends string>(
  rounds: Rounds<Name>,
  one: Name,
  other: Name,
  of: (one: number, other: number) => number,
): number[] {
  const others = rounds.figures(other);
  return rounds.figures(one).flatMap((figure, round) => {
    const beside = others[round];
    return figure === undefined || beside === undefined ? [] : [of(figure, beside)];
  });
}
