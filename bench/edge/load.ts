import { execa } from "execa";

/** What is asked. */
export interface Ask {
  /** Container that runs h2load (nghttp2.org/documentation/h2load-howto.html). */
  asker: string;
  /** Host and port that are asked, whatever the name in the URL. */
  target: string;
  url: string;
  connections: number;
  seconds: number;
}

const LOG = "/tmp/requests";

/** Microseconds that are not counted, until all connections are open and everything is warm. */
const WARM = 1_000_000;

/**
 * Answers a second when as much is asked as is answered, over HTTP/1.1, TLS and connections that stay open.
 * @throws Error when a request failed: figures of errors mean nothing
 */
export async function throughput(ask: Ask): Promise<number> {
  return (await h2load(ask, ["-D", String(ask.seconds), "--warm-up-time=1"])) / ask.seconds;
}

/**
 * How long each answer takes at a steady rate; milliseconds, sorted. Connections are opened one after the other and ask
 * in turn: opened at once, as h2load does by itself, they would all ask in the same moment, again and again, and wait
 * for each other instead of for what is measured.
 * @param rate requests a second over all connections
 * @throws Error when a request failed
 */
export async function latencies(ask: Ask, rate: number): Promise<number[]> {
  const { asker, connections, seconds } = ask;
  const turns = ["--rate=1", `--rate-period=${1000 / rate}ms`, `--rps=${rate / connections}`];
  await h2load(ask, ["-n", String(rate * (seconds + WARM / 1e6)), ...turns, `--log-file=${LOG}`]);
  const log = await execa("docker", ["exec", asker, "cat", LOG], { maxBuffer: 1024 ** 3 });
  await execa("docker", ["exec", asker, "rm", "-f", LOG]);
  // Each line: when it was asked (µs), the status, how long it took (µs).
  const lines = log.stdout.split("\n").map((line) => line.split("\t").map(Number));
  const start = Math.min(...lines.map(([asked]) => asked!));
  const counted = lines.filter(([asked]) => asked! >= start + WARM);
  return counted.map(([, , taken]) => taken! / 1000).sort((a, b) => a - b);
}

/** The time under which that share of the requests stayed; milliseconds. */
export function quantile(times: readonly number[], share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
}

/** The number of answers with 2xx; all must be. */
async function h2load({ asker, target, url, connections }: Ask, more: readonly string[]): Promise<number> {
  const asked = ["h2load", "--h1", "-t", "1", "-c", String(connections), ...more];
  const { stdout } = await execa("docker", ["exec", asker, ...asked, `--connect-to=${target}`, url]);
  const failed = /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(stdout);
  const other = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(stdout);
  const bad = [...(failed?.slice(1) ?? ["?"]), ...(other?.slice(2) ?? ["?"])];
  if (bad.some((text) => text !== "0")) throw new Error(`${target}: requests failed\n${stdout}`);
  return Number(other![1]);
}
