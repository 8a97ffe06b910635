import type { EngineEvent } from "../images/engine.ts";

/** Layers of an image that was pushed. */
export interface Layers {
  all: number;
  /** Those that its registry lacked. */
  sent: number;
}

/** What became of each layer, by the engine's words; the last ones count. */
export function layersOf(events: readonly EngineEvent[]): Layers {
  const last = new Map(events.flatMap(({ id, status }) => (id && status ? [[id, status] as const] : [])));
  const states = [...last.values()].filter((status) =>
    /^(Pushed|Layer already exists|Mounted from )/.test(status),
  );
  return { all: states.length, sent: states.filter((status) => status === "Pushed").length };
}
