import type { EngineEvent, OpMap } from "@pulumi/pulumi/automation";
import { alive } from "./heartbeat.ts";

const DONE: Record<string, string> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
  "create-replacement": "created",
  "delete-replaced": "deleted",
  refresh: "read",
  read: "read",
};

const DOING: Record<string, string> = {
  create: "creating",
  update: "updating",
  delete: "deleting",
  replace: "replacing",
  "create-replacement": "creating",
  "delete-replaced": "deleting",
  refresh: "reading",
  read: "reading",
};

/** One resource that the engine works on. */
interface Running {
  name: string;
  op: string;
  started: number;
}

/** What the server says while it waits: shown at that time, and no part of the error that repeats a command's whole output. */
const MEANWHILE = /^(?:waiting for \S+: |\S+: its command runs: ).*\n/gm;

/** Follows an update through its events: what is done, what is under way, what the server says meanwhile. */
export class Progress {
  readonly errors: string[] = [];
  changes: OpMap = {};
  private readonly running = new Map<string, Running>();

  /** @param say gets one line for each step that ends, and for each word of progress from the server */
  constructor(private readonly say: (line: string) => void) {}

  readonly onEvent = (event: EngineEvent): void => {
    alive();
    const { resourcePreEvent, resOutputsEvent, diagnosticEvent, summaryEvent } = event;
    if (resourcePreEvent && DONE[resourcePreEvent.metadata.op] && isReal(resourcePreEvent.metadata)) {
      const { urn } = resourcePreEvent.metadata;
      this.running.set(urn, { name: label(urn), op: resourcePreEvent.metadata.op, started: Date.now() });
    }
    if (resOutputsEvent) this.finish(resOutputsEvent.metadata.urn, resOutputsEvent.metadata.op);
    if (diagnosticEvent?.severity === "error" && !diagnosticEvent.ephemeral)
      this.errors.push(words(diagnosticEvent.urn, diagnosticEvent.message).replace(MEANWHILE, ""));
    if (diagnosticEvent?.severity === "info" && diagnosticEvent.urn)
      this.say(words(diagnosticEvent.urn, diagnosticEvent.message));
    if (summaryEvent) this.changes = summaryEvent.resourceChanges;
  };

  /** What the engine is at, and for how long: `creating web [Container] (12 s), …`. */
  readonly underway = (): string => {
    const steps = [...this.running.values()].map(
      ({ name, op, started }) => `${DOING[op]} ${name} (${Math.round((Date.now() - started) / 1000)} s)`,
    );
    return steps.join(", ") || "the engine is at work";
  };

  /** How many resources were created, updated, replaced or deleted. */
  get changed(): number {
    return Object.entries(this.changes).reduce(
      (sum, [op, count]) => (op === "same" ? sum : sum + (count ?? 0)),
      0,
    );
  }

  private finish(urn: string, op: string): void {
    const step = this.running.get(urn);
    if (!step || !DONE[op]) return;
    this.running.delete(urn);
    const seconds = (Date.now() - step.started) / 1000;
    const rest =
      this.running.size > 0 ? `  … ${[...this.running.values()].map(({ name }) => name).join(", ")}` : "";
    this.say(`${DONE[op]} ${step.name} (${seconds.toFixed(1)} s)${rest}`);
  }
}

/** Something that is made or changed; a component only groups others, and a default provider is the engine's own affair. */
function isReal({
  type,
  new: after,
  old,
}: {
  type: string;
  new?: { custom?: boolean };
  old?: { custom?: boolean };
}): boolean {
  return !type.startsWith("pulumi:providers:") && ((after ?? old)?.custom ?? false);
}

/** `urn:pulumi:prod::fairlead::…$docker:index/container:Container::web` → `web` with its kind. */
export function label(urn: string): string {
  const parts = urn.split("::");
  const type = parts[2]?.split("$").at(-1)?.split(":").at(-1) ?? "";
  return `${parts[3]} [${type}]`;
}

/** A diagnostic without colour codes, after the resource that it belongs to. */
function words(urn: string | undefined, message: string): string {
  // The engine marks colours as <{%reset%}> and <{%fg 1%}>.
  const plain = message.replace(/<\{%[^%]*%\}>/g, "").trim();
  return urn ? `${label(urn)}: ${plain}` : plain;
}
