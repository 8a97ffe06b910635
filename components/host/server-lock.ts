import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { hostname, userInfo } from "node:os";
import * as pulumi from "@pulumi/pulumi";
import { startSession } from "./session.ts";

/** How the `ssh` client reaches a server, and who wants to change it. */
export interface Locked {
  /** Arguments of `ssh` up to the remote command. */
  ssh: string[];
  /** The host tools, with sudo where the user isn't root. */
  tool: string;
  /** Identity of the stack's state. */
  ownerId: string;
}

/**
 * Takes the server's lock for the rest of this run.
 * Without it the program ends, and says who has the lock, or to which stack the server belongs.
 * @param tools `maybe`: the server may have no tools yet, or may not be reachable yet
 */
export type TakeServer = (server: Locked, tools: "maybe" | "there") => Promise<void>;

/** Exit code of a program that has already reported its error (the SDK's `cmd/run`). */
const ERROR_REPORTED = 32;

/** Milliseconds within which a server that is up must be reached. */
const PATIENCE = 30_000;

/** What `hold-server.mjs` prints. */
interface Answer {
  state: "held" | "shared" | "busy" | "absent" | "unreachable" | "refused";
  words?: string;
  by?: { who: string; what: string; since: string; silent: number };
}

/**
 * Plain `pulumi up` takes the lock as the automation does; a token in the environment lets it share the automation's lock.
 * A process of its own holds it, because this one ends as soon as everything is declared: that process ends when the engine,
 * our parent, has ended. A preview takes no lock.
 */
export function serverLock(): TakeServer {
  const [run, engine] = [process.env.FAIRLEAD_RUN ?? `${randomUUID()} pulumi up`, process.ppid];
  let holding = false;
  return async (server, tools) => {
    if (pulumi.runtime.isDryRun() || holding) return;
    let answer = await ask(server, run, engine);
    // A box that this update has started, or a server that is restarting, comes up in a while.
    for (const end = Date.now() + PATIENCE; tools === "there" && answer.state === "unreachable";) {
      if (Date.now() > end) break;
      await sleep(1000);
      answer = await ask(server, run, engine);
    }
    holding = answer.state === "held" || answer.state === "shared";
    if (holding || (tools === "maybe" && ["absent", "unreachable"].includes(answer.state))) return;
    // The tools were removed, or the box with them: nothing can use them now, and the next `npm run up` brings them back.
    if (answer.state === "absent")
      return void pulumi.log.warn(`no tools to lock the server with: ${answer.words}`);
    await pulumi.log.error(words(answer));
    // An error thrown here would be printed once for each resource that waits.
    process.exit(ERROR_REPORTED);
  };
}

function ask({ ssh, tool, ownerId }: Locked, run: string, parent: number): Promise<Answer> {
  const [token, ...what] = run.split(" ");
  const hello = { ownerId, token, who: `${userInfo().username}@${hostname()}`, what: what.join(" ") };
  return startSession("hold-server.mjs", { ssh, command: `${tool} hold`, hello, parent });
}

function words({ state, words: reported, by }: Answer): string {
  if (state === "busy" && by)
    return (
      `the server is being changed by another run: ${by.what} by ${by.who} since ${by.since}, ` +
      `last sign of life ${by.silent} s ago. Nothing was changed on it. Wait for that run; ` +
      "if its connection was cut, the server is free a minute after the last sign."
    );
  if (state === "unreachable") return `the server can't be reached to take its lock: ${reported}`;
  return reported ?? `the server's lock could not be taken: ${state}`;
}
