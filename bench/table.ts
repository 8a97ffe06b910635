/** One figure of the bench, beside the goal that the project set itself. */
export interface Row {
  measure: string;
  figure: number;
  /** `×` is a ratio, nothing a number of things. */
  unit: "×" | "s" | "ms" | "MB" | "%" | "";
  /** The figure should not be above it. */
  goal?: number;
  /** The figure should not be below it. */
  least?: number;
  note?: string;
}

/** Takes figures as soon as they are there: what fails afterwards doesn't cost them. */
export type Keep = (...rows: Row[]) => void;

const DIGITS = { "×": 2, s: 1, ms: 2, MB: 0, "%": 1, "": 0 };
const HEAD = ["measure", "figure", "goal", "", "note"];

/** The rows as text, for a person; figures to the right. */
export function table(rows: readonly Row[]): string {
  const cells = rows.map(({ measure, figure, unit, goal, least, note = "" }) => {
    const bounds = [
      ...(goal === undefined ? [] : [{ text: `≤ ${amount(goal, unit)}`, met: figure <= goal }]),
      ...(least === undefined ? [] : [{ text: `≥ ${amount(least, unit)}`, met: figure >= least }]),
    ];
    const verdict = bounds.length === 0 ? "" : bounds.every(({ met }) => met) ? "met" : "missed";
    return [measure, amount(figure, unit), bounds.map(({ text }) => text).join(" "), verdict, note];
  });
  const lines = [HEAD, HEAD.map(() => ""), ...cells];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const show = (line: string[], index: number): string =>
    line
      .map((text, column) => {
        const width = widths[column]!;
        if (index === 1) return "─".repeat(width);
        return column === 1 || column === 2 ? text.padStart(width) : text.padEnd(width);
      })
      .join("  ")
      .trimEnd();
  return lines.map(show).join("\n");
}

function amount(figure: number, unit: Row["unit"]): string {
  return unit === "×" ? `${figure.toFixed(2)}×` : `${figure.toFixed(DIGITS[unit])} ${unit}`.trim();
}
