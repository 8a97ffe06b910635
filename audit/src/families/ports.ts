import { connect } from "node:net";
import { mayBeOpen } from "../about.ts";
import { check, none, unknown } from "../check.ts";
import { outside } from "../family.ts";
import type { Target } from "../target.ts";

/** What a scan of all TCP ports found. */
export interface PortsEvidence {
  /** Open ports by address. */
  open: Record<string, number[]>;
  /** Ports asked at each address. */
  asked: number;
}

/** Nothing at all was seen, which says nothing about what is closed. */
const isSilent = (open: PortsEvidence["open"]): boolean =>
  Object.values(open).every((list) => list.length === 0);
const SILENT = "no port answered, not even the site's";

export const ports = outside<PortsEvidence>({
  title: "Reachable ports",
  intrusive: true,
  gather,
  checks: [
    check({
      id: "ports.only-declared",
      title:
        "Only SSH, HTTP, HTTPS and the ports that the stack opens in addition are reachable from outside",
      severity: "critical",
      requirements: ["H8", "H9", "O29"],
      remedy: "Turn the firewall on (server.firewall), and publish only the edge's ports.",
      judge: ({ open, asked }, about) => {
        if (isSilent(open)) return unknown(SILENT);
        const bad = Object.entries(open).flatMap(([address, list]) =>
          list
            .filter((port) => !mayBeOpen(about, port, "tcp"))
            .map((port) => `${address} port ${port} is open`),
        );
        return none(
          bad,
          Object.entries(open)
            .map(([address, list]) => `${address}: ${list.join(", ")} of ${asked}`)
            .join("; "),
        );
      },
    }),
    check({
      id: "ports.declared",
      title: "SSH, HTTP and HTTPS are all reachable",
      severity: "high",
      requirements: ["H8", "O29"],
      remedy: "Look at the firewall's rules and at the edge's container.",
      judge: ({ open }, about) => {
        const bad = Object.entries(open).flatMap(([address, list]) =>
          about.ports
            .filter((port) => !list.includes(port))
            .map((port) => `${address} port ${port} is closed`),
        );
        return none(bad, about.ports.join(", "));
      },
    }),
    check({
      id: "ports.docker",
      title: "The Docker engine can't be reached over the network",
      severity: "critical",
      requirements: ["CIS 2.7"],
      remedy: "Remove tcp:// from the engine's hosts; it is reached over SSH.",
      judge: ({ open }) => {
        if (isSilent(open)) return unknown(SILENT);
        return none(
          Object.entries(open).flatMap(([address, list]) =>
            list.filter((port) => port === 2375 || port === 2376).map((port) => `${address} port ${port}`),
          ),
          "2375 and 2376 are closed",
        );
      },
    }),
  ],
});

const ALL = 65_535;
/** A firewall drops, so a closed port costs the whole timeout (milliseconds); a box is on this very machine. */
const NEAR = { lanes: 2500, timeout: 1000 };
const FAR = { lanes: 1500, timeout: 1500 };

async function gather(target: Target, say: (line: string) => void): Promise<PortsEvidence> {
  if (target.about.box && !target.scan?.length) throw new Error("the box did not give its own address");
  const open: Record<string, number[]> = {};
  for (const address of target.scan ?? [target.address]) {
    open[address] = await scan(
      address,
      (done) => say(`ports of ${address}: ${Math.round((done / ALL) * 100)} %`),
      target.about.box ? NEAR : FAR,
    );
    // A busy machine may miss an answer among thousands: what should be open is asked again, alone.
    for (const port of target.about.ports.filter((one) => !open[address]!.includes(one)))
      if (await isOpen(address, port, 5000)) open[address]!.push(port);
    open[address]!.sort((a, b) => a - b);
  }
  return { open, asked: ALL };
}

/** Connects to every TCP port, a bounded number at a time; a second look at silent ones isn't needed, a firewall drops. */
export async function scan(
  address: string,
  progress: (done: number) => void,
  { lanes = 1500, timeout = 1500, first = 1, last = ALL } = {},
): Promise<number[]> {
  const open: number[] = [];
  let next = first;
  const lane = async (): Promise<void> => {
    while (next <= last) {
      const port = next++;
      if (port % 4096 === 0) progress(port);
      if (await isOpen(address, port, timeout)) open.push(port);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, last - first + 1) }, lane));
  return open.sort((a, b) => a - b);
}

/** @throws when the machine has no way there at all: that would look like a closed port */
function isOpen(host: string, port: number, timeout: number): Promise<boolean> {
  return new Promise((done, fail) => {
    const socket = connect({ host, port });
    const end = (found: boolean): void => {
      socket.destroy();
      done(found);
    };
    // Timers come before answers: on a busy machine one may have been here for long, unread.
    socket.setTimeout(timeout, () => setImmediate(() => end(false)));
    socket.on("connect", () => end(true));
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ENETUNREACH" || error.code === "EMFILE" || error.code === "EADDRNOTAVAIL")
        fail(error);
      else end(false);
    });
  });
}
