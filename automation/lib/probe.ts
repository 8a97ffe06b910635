import { connect as connectTcp } from "node:net";
import { rootCertificates } from "node:tls";
import { Agent, buildConnector, request } from "undici";
import { isHealthy } from "../../audit/src/index.ts";
import { stopIfInterrupted } from "./interrupt.ts";
import type { StackOutputs } from "./outputs.ts";

/** One request through the edge. */
export interface Probe {
  app: string;
  url: string;
  ok: boolean;
  /** HTTP status, or the reason why there was none. */
  answer: string;
  milliseconds: number;
}

/**
 * Asks every application for its health path through the edge, the way a visitor comes in: by the stack's own name,
 * over TLS, trusting what the stack says a visitor has to trust: its own authority, or the public ones.
 */
export async function probe(outputs: StackOutputs, timeout = 10_000): Promise<Probe[]> {
  // The name may have no DNS entry yet, so the address comes from the stack.
  const connect = { ca: trusted(outputs), timeout };
  const plain = { ...connect, lookup: fixedLookup(outputs.address) };
  const agent = new Agent({ connect: outputs.proxyProtocol ? greeting(connect, outputs.address) : plain });
  try {
    const apps = Object.entries(outputs.health);
    return await Promise.all(
      apps.map(([app, path]) =>
        ask({
          app,
          url: new URL(path, outputs.url).href,
          statuses: outputs.statuses?.[app],
          dispatcher: agent,
          timeout,
        }),
      ),
    );
  } finally {
    await agent.close();
  }
}

/** Sites may have authorities of their own beside the domain's, which may be a public one. */
function trusted({ certificate, siteCertificates }: StackOutputs): string | string[] | undefined {
  const others = Object.values(siteCertificates ?? {});
  return others.length === 0 ? certificate : [certificate ?? rootCertificates, others].flat(2);
}

/**
 * Connects as a load balancer does that knows no client (PROXY protocol, version 1, section 2.1): where the edge wants
 * that protocol, it answers nothing else.
 */
function greeting(options: buildConnector.BuildOptions, host: string): buildConnector.connector {
  const secure = buildConnector(options);
  return (to, done) => {
    const socket = connectTcp({ host, port: Number(to.port || 443) });
    socket.once("error", (error) => done(error, null));
    socket.once("connect", () => {
      socket.write("PROXY UNKNOWN\r\n");
      secure({ ...to, httpSocket: socket }, done);
    });
  };
}

interface Asked {
  app: string;
  url: string;
  /** Statuses that mean health. */
  statuses?: string;
  dispatcher: Agent;
  timeout: number;
}

async function ask({ app, url, statuses, dispatcher, timeout }: Asked): Promise<Probe> {
  const started = performance.now();
  const done = (ok: boolean, answer: string): Probe => ({
    app,
    url,
    ok,
    answer,
    milliseconds: Math.round(performance.now() - started),
  });
  try {
    const { statusCode, body } = await request(url, {
      dispatcher,
      headersTimeout: timeout,
      bodyTimeout: timeout,
    });
    await body.dump();
    return done(isHealthy(statusCode, statuses), String(statusCode));
  } catch (error) {
    return done(false, (error as Error).message);
  }
}

/** Applications that aren't healthy now. */
export async function findSick(outputs: StackOutputs): Promise<string[]> {
  return (await probe(outputs)).filter(({ ok }) => !ok).map(({ app }) => app);
}

type Lookup = NonNullable<import("node:net").TcpNetConnectOpts["lookup"]>;

/** Leads every name to one address; an address that is a name itself is left to the resolver. */
export function fixedLookup(address: string): Lookup | undefined {
  const family = /^[\d.]+$/.test(address) ? 4 : address.includes(":") ? 6 : 0;
  if (family === 0) return undefined;
  return (_, options, callback) => {
    if (options.all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}

/** Milliseconds between two rounds. */
const PAUSE = 250;

/**
 * Probes again and again for a while; the second round that fails ends it: one alone can be the network's. Resolves to
 * what the last round said.
 * @param seconds 0 asks once, and again only when that fails
 * @param sick applications that weren't healthy before: they end nothing, so that the others are still watched
 */
export async function watch(
  outputs: StackOutputs,
  seconds: number,
  { ask = probe, stop = stopIfInterrupted, sick = [] as readonly string[] } = {},
): Promise<Probe[]> {
  const end = Date.now() + seconds * 1000;
  for (let failures = 0; ;) {
    stop();
    const round = await ask(outputs);
    const failed = round.filter(({ ok }) => !ok);
    if (failed.length > 0) failures++;
    const ended = Date.now() >= end || failed.some(({ app }) => !sick.includes(app));
    if (failures > 1 && failed.length > 0 && ended) return round;
    if (failed.length === 0 && ended) return round;
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}
