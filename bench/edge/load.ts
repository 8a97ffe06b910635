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

/** What became of requests. */
export interface Counts {
  /** Answered with 2xx. */
  good: number;
  /** Answered with something else, or not at all. */
  lost: number;
}

const LOG = "/tmp/requests";

/** Microseconds that are not counted, until all connections are open and everything is warm. */
const WARM = 1_000_000;

/** Answers with 2xx a second when as much is asked as is answered, over HTTP/1.1, TLS and connections that stay open. */
export async function throughput(ask: Ask): Promise<Counts & { figure: number }> {
  const counts = await h2load(ask, ["-D", String(ask.seconds), "--warm-up-time=1"]);
  return { ...counts, figure: counts.good / ask.seconds };
}

/**
 * How long answers with 2xx take at a steady rate; milliseconds. Connections are opened one after the other and ask
 * in turn: opened at once, as h2load does by itself, they would all ask in the same moment, again and again, and wait
 * for each other instead of for what is measured.
 * @param rate requests a second over all connections
 * @param share of the answers that came within the figure, such as 0.99
 */
export async function latency(ask: Ask, rate: number, share: number): Promise<Counts & { figure: number }> {
  const { asker, connections, seconds } = ask;
  const turns = ["--rate=1", `--rate-period=${1000 / rate}ms`, `--rps=${rate / connections}`];
  const counts = await h2load(ask, [
    "-n",
    String(rate * (seconds + WARM / 1e6)),
    ...turns,
    `--log-file=${LOG}`,
  ]);
  const log = await execa("docker", ["exec", asker, "cat", LOG], { maxBuffer: 1024 ** 3 });
  await execa("docker", ["exec", asker, "rm", "-f", LOG]);
  return { ...counts, figure: quantile(answerTimes(log.stdout), share) };
}

/** How long the answers with 2xx took after the warm-up, from h2load's log; milliseconds, sorted. */
export function answerTimes(log: string): number[] {
  // Each line: when it was asked (µs), the status, how long it took (µs).
  const lines = log
    .trim()
    .split("\n")
    .map((line) => line.split("\t").map(Number));
  const start = Math.min(...lines.map(([asked]) => asked!));
  const counted = lines.filter(
    ([asked, status]) => asked! >= start + WARM && status! >= 200 && status! < 300,
  );
  return counted.map(([, , taken]) => taken! / 1000).sort((a, b) => a - b);
}

/**
 * The time under which that share of the requests stayed; milliseconds.
 * @throws Error when there is none
 */
export function quantile(times: readonly number[], share: number): number {
  if (times.length === 0) throw new Error("no request was answered with 2xx");
  return times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
}

/**
 * What h2load counts at its end. Its "failed" holds answers with 4xx and 5xx, and those that never came; 3xx it takes for
 * good ones, and here they aren't.
 * @throws Error with what it said instead
 */
export function countsOf(stdout: string): Counts {
  const failed = /, (\d+) failed, \d+ errored, \d+ timeout/.exec(stdout)?.[1];
  const status = /status codes: (\d+) 2xx, (\d+) 3xx, \d+ 4xx, \d+ 5xx/.exec(stdout);
  if (failed === undefined || !status) throw new Error(`h2load counts nothing:\n${stdout}`);
  return { good: Number(status[1]), lost: Number(failed) + Number(status[2]) };
}

async function h2load({ asker, target, url, connections }: Ask, more: readonly string[]): Promise<Counts> {
  const asked = ["h2load", "--h1", "-t", "1", "-c", String(connections), ...more];
  const { stdout } = await execa("docker", ["exec", asker, ...asked, `--connect-to=${target}`, url]);
  return countsOf(stdout);
}
