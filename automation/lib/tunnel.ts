import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo, type Server as Listener, type Socket } from "node:net";
import { z } from "zod";

/** A port of this machine's loopback that leads to one on the server. */
export interface Tunnel {
  port: number;
  /** Ends the tunnel with all its connections. */
  close: () => void;
}

/** A program that carries bytes to the server, and what it must read first. */
export interface Carrier {
  file: string;
  args: readonly string[];
  cwd: string;
  /** Where it leads, as one line of JSON. */
  target: string;
}

const opened = z.object({ state: z.literal("open") });

/**
 * Listens on the loopback; each connection gets a carrier of its own, which answers one line when it has reached the
 * other end. A connection whose carrier hasn't is closed.
 * @param failed gets the carrier's own words
 */
export async function openTunnel(carrier: Carrier, failed: (words: string) => void): Promise<Tunnel> {
  const carriers = new Set<ChildProcess>();
  const listener = createServer({ allowHalfOpen: true }, (socket) =>
    carry(socket, carrier, carriers, failed),
  );
  return {
    port: await listening(listener),
    close: () => {
      listener.close();
      for (const child of carriers) child.kill();
    },
  };
}

function listening(listener: Listener): Promise<number> {
  return new Promise((done, fail) => {
    listener.once("error", fail);
    listener.listen(0, "127.0.0.1", () => done((listener.address() as AddressInfo).port));
  });
}

function carry(
  socket: Socket,
  { file, args, cwd, target }: Carrier,
  carriers: Set<ChildProcess>,
  failed: (words: string) => void,
): void {
  const child = spawn(file, args, { cwd, stdio: "pipe" });
  carriers.add(child);
  let [words, reached, first] = ["", false, Buffer.alloc(0)];
  child.stderr.on("data", (chunk: Buffer) => (words += chunk.toString()));
  child.once("error", (error) => (words += error.message));
  child.once("close", () => {
    carriers.delete(child);
    if (!reached) failed(words.trim() || "the connection ended without an answer");
    socket.destroy();
  });
  for (const stream of [socket, child.stdin]) stream.on("error", () => child.kill());
  const answer = (chunk: Buffer): void => {
    first = Buffer.concat([first, chunk]);
    const end = first.indexOf("\n");
    if (end < 0) return;
    child.stdout.off("data", answer);
    reached = isOpen(first.subarray(0, end).toString());
    if (!reached) return void child.kill();
    socket.write(first.subarray(end + 1));
    child.stdout.pipe(socket);
    socket.pipe(child.stdin);
  };
  child.stdout.on("data", answer);
  child.stdin.write(`${target}\n`);
}

function isOpen(line: string): boolean {
  try {
    return opened.safeParse(JSON.parse(line)).success;
  } catch {
    return false;
  }
}
