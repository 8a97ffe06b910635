/**
 * Quantities as a person writes them (`"512 MB"`, `"30 s"`, `"100/min"`) and as machines need them.
 * One parser each; every other file works with plain numbers in the unit that its name says.
 */

const SIZE = /^(\d+(?:\.\d+)?)\s*(B|KB|MB|GB|TB)$/i;
const DURATION = /^(\d+(?:\.\d+)?)\s*(ms|s|min|h|d)$/;
const RATE = /^([1-9]\d{0,5})\/(s|min)$/;

/** Powers of 1024, as Docker's `--memory`, Postgres and Redis count. */
const BYTES: Record<string, number> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const MILLISECONDS: Record<string, number> = { ms: 1, s: 1000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Bytes of a size such as `"512 MB"`; `undefined` when the text is no size. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text.trim());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (BYTES[match[2]!.toUpperCase()] ?? 0));
}

/** Seconds of a duration such as `"30 s"` or `"1.5 h"`; `undefined` when the text is none of whole milliseconds. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  if (!match) return undefined;
  const milliseconds = Number(match[1]) * (MILLISECONDS[match[2]!] ?? 0);
  const whole = Math.round(milliseconds);
  // 1.1 h is 3960000.0000000005 ms in binary, which is as good as whole.
  return Math.abs(milliseconds - whole) < 1e-6 ? whole / 1000 : undefined;
}

/** A number of requests in a time, such as 100 in 60 seconds. Nginx counts by the second or by the minute. */
export interface Rate {
  requests: number;
  seconds: 1 | 60;
}

/** A rate such as `"100/min"` or `"10/s"`; `undefined` when the text is no rate of 1 to 999999 requests. */
export function parseRate(text: string): Rate | undefined {
  const match = RATE.exec(text.trim());
  return match ? { requests: Number(match[1]), seconds: match[2] === "s" ? 1 : 60 } : undefined;
}

/** A rate as Nginx reads it, `100r/m` or `10r/s` (ngx_http_limit_req_module). */
export function toNginxRate({ requests, seconds }: Rate): string {
  return `${requests}r/${seconds === 1 ? "s" : "m"}`;
}

/** Whole mebibytes, the unit of `docker.Container.memory`; at least 1. */
export function toMebibytes(bytes: number): number {
  return Math.max(1, Math.floor(bytes / BYTES.MB!));
}

/** A duration as Nginx and HAProxy read it, who know no fractions: `30s`, and `1500ms` where it isn't whole seconds. */
export function toWholeTime(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;
}

/** A duration in Go's notation (`time.ParseDuration`), normalised the way Docker reports it: `1m30s`, not `90s`. */
export function toGoDuration(seconds: number): string {
  const whole = Math.floor(seconds);
  const milliseconds = Math.round((seconds - whole) * 1000);
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), "h"],
    [Math.floor((whole % 3600) / 60), "m"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  const text =
    first < 0
      ? ""
      : parts
          .slice(first)
          .map(([value, unit]) => `${value}${unit}`)
          .join("");
  if (milliseconds === 0) return text || "0s";
  const fraction = String(milliseconds).padStart(3, "0").replace(/0+$/, "");
  return text ? text.replace(/(\d+)s$/, `$1.${fraction}s`) : `${milliseconds}ms`;
}

/** CPUs as the docker provider reads them back (`1.0`, `0.25`): any other spelling would be a change at every preview. */
export function toCpus(cpus: number): string {
  return Number.isInteger(cpus) ? cpus.toFixed(1) : String(cpus);
}
