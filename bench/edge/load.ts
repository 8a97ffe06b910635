import { execa } from "execa";

/** Requests that were answered, and how long each took. */
export interface Load {
  /** Answers with 2xx a second. */
  rate: number;
  /** Milliseconds, sorted. */
  times: number[];
}

const LOG = "/tmp/requests";

/** What is asked, and how hard. */
export interface Ask {
  /** Container that runs h2load (nghttp2.org/documentation/h2load-howto.html). */
  asker: string;
  /** Host and port that are asked, whatever the name in the URL. */
  target: string;
  url: string;
  connections: number;
  seconds: number;
  /** Requests a second over all connections; as many as possible when absent. */
  rate?: number;
}

/**
 * Asks over HTTP/1.1, TLS and connections that stay open.
 * @throws Error when a request failed: figures of errors mean nothing
 */
export async function load({ asker, target, url, connections, seconds, rate }: Ask): Promise<Load> {
  const pace = rate === undefined ? [] : [`--rps=${rate / connections}`];
  const asked = ["h2load", "--h1", "-t", "1", "-c", String(connections), "-D", String(seconds), ...pace];
  const { stdout } = await execa("docker", [
    ...["exec", asker, ...asked, "--warm-up-time=1", `--log-file=${LOG}`, `--connect-to=${target}`, url],
  ]);
  const failed = /(\d+) failed, (\d+) errored, (\d+) timeout/.exec(stdout);
  const other = /status codes: (\d+) 2xx, (\d+) 3xx, (\d+) 4xx, (\d+) 5xx/.exec(stdout);
  const bad = [...(failed?.slice(1) ?? ["?"]), ...(other?.slice(2) ?? ["?"])];
  if (bad.some((text) => text !== "0")) throw new Error(`${target}: requests failed\n${stdout}`);
  const log = await execa("docker", ["exec", asker, "cat", LOG], { maxBuffer: 1024 ** 3 });
  await execa("docker", ["exec", asker, "rm", "-f", LOG]);
  const times = log.stdout.split("\n").map((line) => Number(line.split("\t")[2]) / 1000);
  return { rate: Number(other![1]) / seconds, times: times.filter((time) => time > 0).sort((a, b) => a - b) };
}

/** The time under which that share of the requests stayed; milliseconds. */
export function quantile(times: readonly number[], share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))]!;
}
