const BYTES: Record<string, number> = { b: 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };
const SECONDS: Record<string, number> = { h: 3600, m: 60, s: 1, ms: 0.001, us: 1e-6 };

/** Bytes of a size as Compose writes it, `512m`, `1gb`, `1048576`; `undefined` for anything else. */
export function bytes(text: string | undefined): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(?:([bkmgt])(?:i?b)?)?$/i.exec(text?.trim() ?? "");
  return match ? Math.round(Number(match[1]) * (BYTES[(match[2] ?? "b").toLowerCase()] ?? 1)) : undefined;
}

/** Bytes as a stack file spells them: whole units, rounded up to kilobytes. */
export function size(count: number): string {
  const unit =
    (["GB", "MB", "KB"] as const).find((name) => count % BYTES[name[0]!.toLowerCase()]! === 0) ?? "KB";
  return `${Math.ceil(count / BYTES[unit[0]!.toLowerCase()]!)} ${unit}`;
}

/** Seconds of a duration as Compose writes it, `1m30s`; `undefined` for anything else. */
export function seconds(text: string | undefined): number | undefined {
  if (text === undefined || !/^(\d+(\.\d+)?(h|ms|us|m|s))+$/.test(text))
    return /^0$/.test(text ?? "") ? 0 : undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(h|ms|us|m|s)/g)];
  return parts.reduce((sum, [, figure, unit]) => sum + Number(figure) * SECONDS[unit!]!, 0);
}

/** Seconds as a stack file spells them. */
export function duration(count: number): string {
  return Number.isInteger(count) ? `${count} s` : `${Math.max(1, Math.round(count * 1000))} ms`;
}
