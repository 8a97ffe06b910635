import type { DiffKind } from "../providers/contract.ts";
import type { ResourceState } from "../state/types.ts";

/** What a step does, in the official words. */
export type Op =
  "same" | "create" | "update" | "delete" | "replace" | "create-replacement" | "delete-replaced" | "refresh";

export type DetailedDiff = Record<string, { kind: DiffKind; inputDiff: boolean }>;

/** One step, as it is reported to people and to the event log. */
export interface Step {
  op: Op;
  urn: string;
  old?: ResourceState | undefined;
  new?: ResourceState | undefined;
  /** Properties that force the replacement. */
  keys?: string[];
  diffs?: string[];
  detailedDiff?: DetailedDiff | null;
  /** False for the halves of a replacement. */
  logical: boolean;
}

export type DiagSeverity = "debug" | "info" | "warning" | "error";
export type Changes = Partial<Record<Op, number>>;

export type EngineEvent =
  | { kind: "prelude"; config: Record<string, string> }
  | { kind: "pre"; step: Step }
  | { kind: "outputs"; step: Step; result?: Op }
  | { kind: "failed"; step: Step }
  | { kind: "diag"; severity: DiagSeverity; message: string; urn?: string; ephemeral?: boolean }
  | { kind: "summary"; changes: Changes; seconds: number; preview: boolean; result: "succeeded" | "failed" }
  | { kind: "cancel" };

export type Listener = (event: EngineEvent) => void;

/** Passes each event to every listener, in order. */
export class Bus {
  readonly #listeners: Listener[] = [];
  #held: EngineEvent[] | undefined;

  listen(listener: Listener): void {
    this.#listeners.push(listener);
  }

  emit(event: EngineEvent): void {
    if (this.#held) this.#held.push(asItIs(event));
    else for (const listener of this.#listeners) listener(event);
  }

  /** Keeps events back until they are released; those that never are reach nobody. */
  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const event of held) this.emit(event);
  }
}

/** An event as it is now: what a step makes of its resource comes later. */
function asItIs(event: EngineEvent): EngineEvent {
  if (!("step" in event)) return event;
  const { step } = event;
  const copy = { ...step, old: step.old && { ...step.old }, new: step.new && { ...step.new } };
  return { ...event, step: copy };
}
