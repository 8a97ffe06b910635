import { connect, type TcpNetConnectOpts } from "node:net";
import { clientHello, type Offer, type Protocol } from "./hello.ts";
import { readFlight, type Choice } from "./server-hello.ts";
import { isModern, SUITES, suiteName } from "./suites.ts";

/** Where to connect. */
export interface Endpoint {
  address: string;
  port: number;
}

/** Sends one hello; the server's choice, or `undefined` when it refuses. @throws when there is no connection at all */
export function offer(to: Endpoint, what: Offer, timeout = 8000): Promise<Choice | undefined> {
  const wantKey = what.suites.some((id) => /_DHE_/.test(suiteName(id)));
  return new Promise((done, fail) => {
    let received = Buffer.alloc(0);
    let connected = false;
    const socket = connect({ host: to.address, port: to.port } as TcpNetConnectOpts);
    const end = (choice?: Choice): void => {
      socket.destroy();
      done(choice);
    };
    socket.setTimeout(timeout, () => {
      socket.destroy();
      fail(new Error(`${to.address}:${to.port} did not answer a TLS hello within ${timeout / 1000} s`));
    });
    socket.on("connect", () => {
      connected = true;
      socket.write(clientHello(what));
    });
    socket.on("data", (part: Buffer) => {
      received = Buffer.concat([received, part]);
      const progress = readFlight(received, wantKey);
      if (progress.state !== "more") end(progress.state === "chosen" ? progress.choice : undefined);
    });
    // A server may also refuse by closing; that it was there is what counts.
    socket.on("close", () => end());
    socket.on("error", (error) => (connected ? end() : fail(error)));
  });
}

/** A suite that the server takes, in the order of its choice. */
export interface Accepted {
  name: string;
  dhBits?: number;
}

/** All suites that a server takes with one protocol: each chosen one is left out of the next offer. */
export async function accepted(
  to: Endpoint,
  protocol: Protocol,
  name?: string,
): Promise<{ suites: Accepted[]; first?: Choice }> {
  let left = SUITES.filter((suite) => isModern(suite) === (protocol === "TLS 1.3")).map(({ id }) => id);
  const suites: Accepted[] = [];
  let first: Choice | undefined;
  while (left.length > 0) {
    const choice = await offer(to, { protocol, suites: left, name });
    if (!choice || choice.protocol !== protocol || !left.includes(choice.suite)) break;
    first ??= choice;
    suites.push({ name: suiteName(choice.suite), ...(isDhe(choice) ? { dhBits: choice.dhBits } : {}) });
    left = left.filter((id) => id !== choice.suite);
  }
  return { suites, first };
}

const isDhe = ({ suite }: Choice): boolean => /_DHE_/.test(suiteName(suite));
