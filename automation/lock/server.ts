import { z } from "zod";
import { execa, type ResultPromise } from "execa";
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { hostname, userInfo } from "node:os";
import { join } from "node:path";
import type { ListrTask } from "listr2";
import { readDeclaration, type Declaration } from "../drift/declaration.ts";
import { exportState, type Resource } from "../drift/state.ts";
import { explain, UserError } from "../lib/errors.ts";
import { CONNECT } from "../lib/connection.ts";
import { runClient } from "../lib/run-client.ts";
import { Server } from "../lib/server.ts";
import { ROOT } from "../lib/workspace.ts";
import { refuseIfLocked } from "./stack.ts";

/** What `assets/local/hold-server.mjs` prints. */
interface Answer {
  state: "held" | "shared" | "busy" | "absent" | "unreachable" | "refused";
  words?: string;
  by?: { who: string; what: string; since: string; silent: number };
}

/** Which server, and which stack's. */
interface Place {
  declaration: Declaration;
  ownerId: string;
}

/** The lock that this run has, with the process that holds it. */
interface Held extends Place {
  holder: ResultPromise;
  lost: boolean;
}

let held: Held | undefined;

/**
 * Takes the lock of the server that the stack's state names, for the rest of this run ({@link releaseServer}): no other run
 * changes what this one looks at afterwards. The update itself locks a server that isn't known yet, in this run's name.
 * @throws UserError when another run has it, or the server belongs to another stack
 */
export function serverLock(stack: string, what: string): ListrTask {
  return {
    title: "Server's lock",
    task: async (_, task) => void (task.title = `Server's lock: ${(await lockServer(stack, what)).status}`),
  };
}

/** What came of a lock. */
export interface Outcome {
  /** For the list of tasks. */
  status: string;
  /** The server that can't be reached, and why; in the words of a person who types `ssh`. */
  unreachable?: { server: string; words: string };
}

export async function lockServer(stack: string, what: string): Promise<Outcome> {
  if (held && !held.lost) return { status: "held" };
  process.env.FAIRLEAD_RUN ??= `${randomUUID()} ${what}`;
  const place = await placeAhead(stack);
  if (!place) return { status: "no server yet" };
  const { declaration } = place;
  const answer = await hold(place, process.env.FAIRLEAD_RUN);
  if (answer.state === "busy" && answer.by) throw busy(answer.by);
  if (answer.state === "refused") throw explain(new Error(`fairlead hold: ${answer.words}`));
  // Another run may have begun between the first look and this one.
  refuseIfLocked(stack);
  if (answer.state === "absent") return { status: "the server has no tools for it yet" };
  if (answer.state !== "unreachable") return { status: "held" };
  const [port, user] = declaration.ssh.slice(-2);
  const words = answer.words ?? "";
  return {
    status: `the server can't be reached: ${words}`,
    unreachable: declaration.box ? undefined : { server: `${user} (port ${port})`, words },
  };
}

/** How old a state may be that was read ahead, milliseconds. */
const FRESH = 60_000;

let ahead: { stack: string; since: number; place: Promise<Place | undefined> } | undefined;

/**
 * Reads where the server is and connects to it, while something else takes its time: the lock that follows is quicker. What
 * goes wrong here is left to that.
 */
export function approachServer(stack: string): void {
  const place = placeOf(stack);
  ahead = { stack, since: Date.now(), place };
  // The clients share a connection for a minute (`sshArguments`).
  const connect = async (): Promise<void> => {
    const ssh = (await place)?.declaration.ssh;
    if (ssh) await runClient("ssh", [...ssh, "true"], { seconds: CONNECT });
  };
  connect().catch(() => undefined);
}

async function placeAhead(stack: string): Promise<Place | undefined> {
  const known = ahead?.stack === stack && Date.now() - ahead.since < FRESH ? ahead.place : undefined;
  ahead = undefined;
  return (await known?.catch(() => undefined)) ?? placeOf(stack);
}

/** Takes a lock again that was lost with its connection: a box that is built anew cuts it. */
export async function keepServer(stack: string): Promise<void> {
  if (held?.lost) await lockServer(stack, "");
}

/** Seconds that the server may take to hear that nobody waits any longer. */
const HEARING = 10;

/**
 * Ends what this run waits for on the server: a container that isn't healthy counts as one that never will be. What changes
 * something there goes on to its end. A server of an earlier version doesn't know the call.
 * @throws CallFailed when the server can't be told
 */
export async function endWaits(stack: string): Promise<void> {
  const run = process.env.FAIRLEAD_RUN;
  const place = run === undefined ? undefined : (held ?? (await placeOf(stack)));
  if (place) await interruptRun(new Server(place.declaration), place.ownerId, run!);
}

/** @param run as the lock has it: its token, and what was typed */
export async function interruptRun(server: Server, ownerId: string, run: string): Promise<void> {
  const [token = ""] = run.split(" ");
  const answer = z.strictObject({ interrupted: z.boolean() });
  await server.call("lock interrupt", { ownerId, token }, answer, { seconds: HEARING });
}

/** Ends the lock, if there is one. */
export async function releaseServer(): Promise<void> {
  const holder = held?.holder;
  held = undefined;
  delete process.env.FAIRLEAD_RUN;
  holder?.kill("SIGTERM");
  await holder?.catch(() => undefined);
}

/** The server that the stack's state names, if there is one. */
async function placeOf(stack: string): Promise<Place | undefined> {
  const resources = (await exportState(stack, true)).deployment.resources ?? [];
  const declaration = deployed(resources);
  return declaration && { declaration, ownerId: ownerOf(resources) };
}

function deployed(resources: Resource[]): Declaration | undefined {
  try {
    return readDeclaration(resources);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Identity of the state; a state of an earlier version has none. */
function ownerOf(resources: Resource[]): string {
  const found = resources.find(
    ({ type, urn, delete: old }) =>
      !old && type === "random:index/randomUuid:RandomUuid" && urn.endsWith("::host-owner"),
  );
  return String(found?.outputs?.result ?? "");
}

async function hold(place: Place, run: string): Promise<Answer> {
  const { declaration, ownerId } = place;
  const [token = "", ...what] = run.split(" ");
  const hello = { ownerId, token, who: `${userInfo().username}@${hostname()}`, what: what.join(" ") };
  const holder = execa(process.execPath, [join(ROOT, "assets", "local", "hold-server.mjs")], {
    cwd: ROOT,
    reject: false,
    buffer: false,
    stderr: "ignore",
    detached: true,
    input: `${JSON.stringify(new Server(declaration).session("hold", hello))}\n`,
  });
  const line = await new Promise<string>((done) => {
    createInterface({ input: holder.stdout }).once("line", done);
    void holder.then(() => done(`{"state":"unreachable","words":"its lock's holder ended"}`));
  });
  const answer = JSON.parse(line) as Answer;
  if (answer.state !== "held" && answer.state !== "shared") return answer;
  const mine: Held = { ...place, holder, lost: false };
  void holder.then(() => (mine.lost = true));
  held = mine;
  return answer;
}

function busy({ who, what, since, silent }: NonNullable<Answer["by"]>): UserError {
  return new UserError(
    `The server is being changed by another run: ${what} by ${who} since ${since}, last sign of life ${silent} s ago. Nothing was changed.`,
    "Wait for that run. If its connection was cut, the server is free a minute after the last sign of life.",
  );
}
