import colors from "picocolors";

/** Rows below their headings, each column as wide as it must be. */
export function columns(
  headings: readonly string[],
  lines: readonly (readonly string[])[],
  isText: (column: number) => boolean,
): string {
  const rows = [headings, ...lines];
  const widths = headings.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const [head = "", ...body] = rows.map((row) =>
    row
      .map((cell, column) => (isText(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
  return [colors.bold(head), ...body].join("\n");
}

/** A duration as a person reads it; in seconds. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${Math.max(0, Math.round(seconds))} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} d`;
}

/** A size as a person reads it, by powers of 1024 as the stack file has it. */
export function size(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
