import type { Stack } from "@pulumi/pulumi/automation";
import type { ContainerInfo } from "./container-info.ts";
import { IN_PLACE } from "./container.ts";
import type { Drift, Drifted } from "./drift.ts";
import { exportState, importState, type Resource } from "./state.ts";
import { line } from "./report.ts";
import { keepServer } from "../lock/server.ts";
import { interruptible } from "../lib/interrupt.ts";
import { CallFailed, Server } from "../lib/server.ts";

const CONTAINER = "docker:index/container:Container";
const COMMAND = "command:remote:Command";

/**
 * Prepares the repair: containers in the way go, stopped ones start, and the state learns what is really there, as a
 * refresh would tell it. The update that follows brings everything back to its declaration, in its own order and with
 * its own gates. See docs/decisions/0020.
 * @returns what could not be started and is made anew, a line each, with the engine's reason
 */
export async function prepareRepair(stack: Stack, drift: Drift): Promise<string[]> {
  await keepServer(stack.name);
  const box = drift.declaration.box?.urn;
  const server = new Server(drift.declaration);
  for (const { id, kind, network } of drift.extras)
    await server.docker(kind === "ours" ? ["rm", "-f", id] : ["network", "disconnect", "-f", network!, id]);
  const removed: string[] = [];
  const stuck: { urn: string; message: string }[] = [];
  for (const resource of drift.resources) {
    const info = drift.found.get(resource.urn);
    const has = (aspect: string): boolean => resource.differences.some((one) => one.aspect === aspect);
    if (has("identity") && info) await server.docker(["rm", "-f", info.Id]);
    else if (has("state") && info && resource.urn !== box) {
      const reason = await start(server, info);
      const message = `${resource.name} can't be started, and is made anew: ${reason}`;
      if (reason !== undefined) stuck.push({ urn: resource.urn, message });
    }
    if (isDocker(resource) && (has("identity") || (has("presence") && !info))) removed.push(resource.urn);
  }
  if (removed.length > 0) await interruptible((signal) => stack.refresh({ target: removed, signal }));
  const state = await exportState(stack.name, false);
  const marks = marksOf(drift, state.deployment.resources ?? []);
  for (const { urn } of stuck) marks.set(urn, replaced);
  for (const resource of state.deployment.resources ?? []) marks.get(resource.urn)?.(resource);
  await importState(stack.name, state);
  return stuck.map(({ message }) => message);
}

/**
 * Starts a container. Returns the engine's reason when it can't: the update repairs what is wrong first, and replaces it.
 */
async function start(server: Server, { Id, State }: ContainerInfo): Promise<string | undefined> {
  try {
    await server.docker([State.Paused ? "unpause" : "start", Id]);
    return undefined;
  } catch (error) {
    if (!(error instanceof CallFailed) || error.reason !== "refused") throw error;
    return error.words.split("\n")[0];
  }
}

type Mark = (resource: Resource) => void;

/** What the state is to learn, by resource. */
export function marksOf(
  drift: Pick<Drift, "resources" | "unseen" | "found" | "declaration">,
  state: Resource[],
): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  const changed = new Set([...drift.resources, ...drift.unseen].map(({ urn }) => urn));
  for (const urn of followers(changed, state)) marks.set(urn, again("what it builds on has drifted"));
  for (const { urn } of drift.unseen)
    if (typeOf(urn) === COMMAND) marks.set(urn, again("could not be looked at"));
  for (const drifted of drift.resources) {
    const mark = markOf(drifted, drift.found.get(drifted.urn), drifted.urn === drift.declaration.box?.urn);
    if (mark) marks.set(drifted.urn, mark);
  }
  return marks;
}

/** The next update makes it anew. */
const replaced: Mark = (resource) => (resource.taint = true);

/** An earlier error makes the next update run the resource's own update, even when its inputs are the same. */
const again =
  (reason: string): Mark =>
  (resource) =>
    (resource.initErrors = [`drift: ${reason}`]);

function markOf(drifted: Drifted, info: ContainerInfo | undefined, isBox: boolean): Mark | undefined {
  const type = typeOf(drifted.urn);
  if (type === COMMAND) return again(drifted.differences.map(line).join("; "));
  if (type !== CONTAINER || !info) return undefined;
  const aspects = drifted.differences.map(({ aspect }) => aspect);
  const inPlace: Mark = (resource) => {
    resource.outputs = { ...resource.outputs, ...foundOutputs(info, aspects) };
    // The engine starts what must run and doesn't; on the server `prepareRepair` has done that.
    if (isBox && !info.State.Running) resource.outputs.mustRun = false;
  };
  // A box holds the data of everything on it; it is never replaced because of drift.
  if (
    isBox ||
    aspects.every((aspect) => aspect in IN_PLACE || aspect === "state" || isInfrastructure(drifted, aspect))
  )
    return inPlace;
  return replaced;
}

/** A store that is unhealthy for a moment isn't replaced; its gate waits for it, and says why when it waits in vain. */
function isInfrastructure({ urn }: Drifted, aspect: string): boolean {
  return aspect === "health" && !urn.includes(":Release$");
}

/** What a refresh of these properties would read. */
function foundOutputs({ HostConfig }: ContainerInfo, aspects: string[]): Record<string, unknown> {
  const mebibytes = (bytes: number): number => (bytes > 0 ? Math.floor(bytes / 1024 ** 2) : bytes);
  const all: Record<string, unknown> = {
    memory: mebibytes(HostConfig.Memory),
    memorySwap: mebibytes(HostConfig.MemorySwap),
    restart: HostConfig.RestartPolicy?.Name,
  };
  return Object.fromEntries(
    aspects.flatMap((aspect) => (IN_PLACE[aspect] ? [[IN_PLACE[aspect], all[IN_PLACE[aspect]]]] : [])),
  );
}

/** Host commands that depend on something drifted within the same component, or one around it: gates, reloads. */
function followers(changed: Set<string>, state: Resource[]): string[] {
  const parents = new Map(state.map(({ urn, parent }) => [urn, parent]));
  const around = (urn: string): Set<string> => {
    const all = new Set<string>();
    for (let parent = parents.get(urn); parent; parent = parents.get(parent)) all.add(parent);
    return all;
  };
  const found = new Set<string>();
  for (const start of changed) {
    const components = around(start);
    const reached = new Set([start]);
    // A state lists what a resource depends on before it.
    for (const { urn, dependencies = [], parent, type } of state) {
      const mine = parent !== undefined && components.has(parent) && typeOf(parent) !== "pulumi:pulumi:Stack";
      const inside = mine || (parent !== undefined && reached.has(parent));
      if (!inside || !dependencies.some((one) => reached.has(one))) continue;
      reached.add(urn);
      if (type === COMMAND) found.add(urn);
    }
  }
  return [...found].filter((urn) => !changed.has(urn));
}

function isDocker({ urn }: Drifted): boolean {
  return typeOf(urn).startsWith("docker:");
}

/** `urn:pulumi:prod::fairlead::parent$type::name` → `type` */
function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}
