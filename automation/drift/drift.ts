import { UserError } from "../lib/errors.ts";
import type { JobStatus } from "../lib/jobs.ts";
import { label } from "../lib/progress.ts";
import type { ContainerInfo, ContainerInputs } from "./container-info.ts";
import { compareContainer } from "./container.ts";
import { readDeclaration, type Declaration, type DockerThing } from "./declaration.ts";
import { inspectHere, look, NoTools, type Difference, type Findings } from "./look.ts";
import { exportState, type Resource } from "./state.ts";

/** What differs at one resource. */
export interface Drifted {
  urn: string;
  /** Name and kind of the resource. */
  name: string;
  differences: Difference[];
}

/** Something on the server that nothing declares. */
export interface Extra {
  /** Container's name. */
  name: string;
  id: string;
  /** `ours`: left over by an update that was cut off; `guest`: joined the stack's private network. */
  kind: "ours" | "guest";
  /** The stack's network that a guest has joined. */
  network?: string;
}

/** What the server is, compared with its declaration. */
export interface Drift {
  stack: string;
  drifted: boolean;
  resources: Drifted[];
  extras: Extra[];
  /** Resources that couldn't be looked at, and why. */
  unseen: { urn: string; name: string; reason: string }[];
  /** How the applications' jobs ended last: nothing that an update could repair, so it is no drift. */
  jobs: JobStatus[];
  /** Containers as they are now, by resource; for the repair. */
  found: Map<string, ContainerInfo>;
  declaration: Declaration;
  state: Resource[];
}

/**
 * Compares the server with what the last update declared; changes nothing.
 * @param upstreams hosts that the next update leads a subdomain to: their containers may be there already
 * @throws UserError when the server can't be looked at
 */
export async function findDrift(stack: string, upstreams: readonly string[] = []): Promise<Drift> {
  const state = (await exportState(stack, true)).deployment.resources ?? [];
  const declaration = readDeclaration(state);
  declaration.upstreams.push(...upstreams);
  const result: Drift = {
    stack,
    drifted: false,
    resources: [],
    extras: [],
    unseen: [],
    jobs: [],
    found: new Map(),
    declaration,
    state,
  };
  const add = (urn: string, differences: Difference[]): void => {
    if (differences.length > 0) result.resources.push({ urn, name: label(urn), differences });
  };
  if (declaration.box && !(await lookAtBox(declaration.box, result, add))) return done(result);
  let findings: Findings;
  try {
    findings = await look(declaration);
  } catch (error) {
    if (!(error instanceof NoTools)) throw error;
    const tools = declaration.calls.find(({ verb }) => verb === "tools");
    const thing = { thing: "host tools", aspect: "answer", declared: "inspect", found: error.message };
    add(tools?.urn ?? "", [thing]);
    return done(result);
  }
  for (const { urn } of declaration.calls) {
    const { differences = [], unseen } = findings.items[urn] ?? {};
    add(urn, differences);
    if (unseen) result.unseen.push({ urn, name: label(urn), reason: unseen });
  }
  result.jobs = findings.jobs;
  lookAtEngine(declaration, findings, result, add);
  return done(result);
}

/** The container that is the server was removed. Its engine's data is on a volume of its own. */
export class BoxGone extends UserError {
  constructor(
    name: string,
    readonly urn: string,
    /** The host tools, which were on it. */
    readonly tools: string | undefined,
    stack: string,
  ) {
    super(
      `The box ${name} is gone.`,
      `npm run up -- --stack ${stack} makes it again; the data is on its volume, unless that is gone too.`,
    );
  }
}

type Add = (urn: string, differences: Difference[]) => void;

/** Whether the box runs, so that what is in it can be looked at. */
async function lookAtBox(box: DockerThing, result: Drift, add: Add): Promise<boolean> {
  const info = await inspectHere(box.id);
  if (!info) {
    const tools = result.declaration.calls.find(({ verb }) => verb === "tools")?.urn;
    throw new BoxGone(String(box.inputs.name), box.urn, tools, result.stack);
  }
  // What the engine makes of `systempaths` isn't what was declared; the stack ignores it too.
  const { securityOpts: _ignored, ...inputs } = box.inputs;
  const aspects = compareContainer({ ...box, inputs }, info, {});
  // The image's own environment and labels aren't known here, and can't change in a running container. Another
  // network of this machine that it has joined changes nothing on the server, and no update would take it away.
  const differences = aspects.filter(
    ({ thing, aspect, declared }) =>
      thing !== "environment" && thing !== "label" && !(aspect === "network" && declared === null),
  );
  add(box.urn, differences);
  result.found.set(box.urn, info);
  return info.State.Running && !info.State.Paused;
}

function lookAtEngine(declaration: Declaration, { engine }: Findings, result: Drift, add: Add): void {
  if (engine.unseen) {
    for (const { urn } of declaration.containers)
      result.unseen.push({ urn, name: label(urn), reason: engine.unseen });
    return;
  }
  const known = new Set<string>();
  const serving = withTraffic(declaration);
  for (const container of declaration.containers) {
    const { id, inputs, urn } = container;
    const byId = engine.containers.find(({ Id }) => Id === id);
    const info = byId ?? engine.containers.find(({ Name }) => Name === `/${String(inputs.name)}`);
    if (info) {
      known.add(info.Id);
      result.found.set(urn, info);
    }
    const failed = urn.includes(":Release$") && info && !serving.has(info.Name.replace(/^\//, ""));
    const differences = compareContainer(container, info, engine.images);
    add(
      urn,
      failed ? differences.filter(({ aspect }) => !["state", "health"].includes(aspect)) : differences,
    );
  }
  for (const { urn, id } of declaration.networks)
    if (!engine.networks.some(({ Id }) => Id === id)) add(urn, [missing("network")]);
  for (const { urn, id } of declaration.volumes)
    if (!engine.volumes.includes(id)) add(urn, [missing("volume")]);
  // Its identity is the image's, then its name.
  for (const { urn, id } of declaration.images)
    if (engine.imageIds && !engine.imageIds.some((one) => id.startsWith(one))) add(urn, [missing("image")]);
  const app = declaration.containers.map(({ inputs }) => labelOf(inputs, "app"))[0];
  for (const info of engine.containers.filter(({ Id }) => !known.has(Id))) {
    const name = info.Name.replace(/^\//, "");
    const { "managed-by": by, app: whose, task } = (info.Config.Labels ?? {}) as Record<string, string>;
    // A job or a one-off is under way.
    if (by === "fairlead" && whose === app && task !== undefined) continue;
    const network = declaration.networks.find(
      ({ inputs }) => info.NetworkSettings.Networks[String(inputs.name)],
    );
    if (by === "fairlead" && whose === app) result.extras.push({ name, id: info.Id, kind: "ours" });
    else if (network && !isUpstream(info, String(network.inputs.name), declaration.upstreams))
      result.extras.push({ name, id: info.Id, kind: "guest", network: String(network.inputs.name) });
  }
}

/** Whether a subdomain leads to this container, by its name or by one of its names on the network. */
export function isUpstream(
  { Name, NetworkSettings }: ContainerInfo,
  network: string,
  hosts: string[],
): boolean {
  const names = [Name.replace(/^\//, ""), ...(NetworkSettings.Networks[network]?.Aliases ?? [])];
  return names.some((name) => hosts.includes(name));
}

/**
 * Names of the containers that the last update gave traffic. A release that failed stays too, stopped, for its logs,
 * until the next update.
 */
function withTraffic({ calls }: Declaration): Set<string> {
  const inputs = calls.flatMap(({ verb, input }) =>
    ["traffic apply", "handover apply", "switch"].includes(verb) ? [input as TrafficInput] : [],
  );
  const processes = inputs.flatMap(({ handover }) => handover?.processes ?? []);
  const named = inputs.flatMap(({ releases = [] }) =>
    releases.flatMap(({ containers }) =>
      containers.map((container) => (typeof container === "string" ? container : container.name)),
    ),
  );
  const plain = processes.flatMap(({ containers, succeeds }) => (succeeds ? [] : containers));
  // Whether a process with a successor runs the noun itself says: started on its own, it could be a second one.
  const others = processes.flatMap(({ containers, succeeds }) => (succeeds ? containers : []));
  return new Set([...named, ...plain].filter((name) => !others.includes(name)));
}

/** What moved an application's traffic; a version before the nouns had two names for each container. */
interface TrafficInput {
  releases?: { containers: (string | { name: string })[] }[];
  handover?: { processes: { containers: string[]; succeeds: boolean }[] };
}

const missing = (what: string): Difference => ({
  thing: "",
  aspect: "presence",
  declared: what,
  found: null,
});

function labelOf({ labels }: ContainerInputs, name: string): string | undefined {
  return labels?.find(({ label: one }) => one === name)?.value;
}

function done(result: Drift): Drift {
  result.drifted = result.resources.length > 0 || result.extras.length > 0;
  return result;
}

/**
 * A drift that is an answer: some, or none after a look at everything.
 * @throws UserError when none was found and something couldn't be looked at
 */
export function answered(drift: Drift): Drift {
  if (drift.drifted || drift.unseen.length === 0) return drift;
  const list = drift.unseen.map(({ name, reason }) => `${name}: ${reason}`).join("\n");
  throw new UserError(
    `Some of the server can't be looked at:\n${list}`,
    "npm run up declares it again, and says what keeps it from that.",
  );
}
