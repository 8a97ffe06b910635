import type { ResourceState } from "../state/types.ts";
import { blindSecrets, encodeProps, type Json, type JsonObject } from "../values/codec.ts";
import type { EngineEvent, Step } from "./bus.ts";

/** An event in the shape of the official event log, or undefined for what isn't logged. */
export function eventJson(event: EngineEvent, sequence: number): JsonObject | undefined {
  const body = bodyOf(event);
  return body && { sequence, timestamp: Math.floor(Date.now() / 1000), ...body };
}

function bodyOf(event: EngineEvent): JsonObject | undefined {
  switch (event.kind) {
    case "prelude":
      return { preludeEvent: { config: event.config } };
    case "pre":
      return { resourcePreEvent: { metadata: metadata(event.step) } };
    case "outputs":
      return { resOutputsEvent: { metadata: metadata(event.step) } };
    case "failed":
      return { resOpFailedEvent: { metadata: metadata(event.step), status: 1, steps: 0 } };
    case "diag": {
      const { severity, message, urn, ephemeral } = event;
      return {
        diagnosticEvent: {
          ...(urn ? { urn } : {}),
          ...(severity === "info" ? {} : { prefix: `${severity}: ` }),
          message,
          color: "never",
          severity,
          ...(ephemeral ? { ephemeral } : {}),
        },
      };
    }
    case "summary":
      return {
        summaryEvent: {
          maybeCorrupt: false,
          durationSeconds: event.seconds,
          resourceChanges: event.changes as Record<string, number>,
          PolicyPacks: {},
          isPreview: event.preview,
          result: event.result,
        },
      };
    case "cancel":
      return { cancelEvent: {} };
  }
}

function metadata(step: Step): JsonObject {
  const state = step.new ?? step.old;
  const diff = step.detailedDiff && Object.keys(step.detailedDiff).length > 0 ? step.detailedDiff : null;
  return {
    op: step.op,
    urn: step.urn,
    type: state?.type ?? "",
    old: step.old ? stateJson(step.old) : null,
    new: step.new ? stateJson(step.new) : null,
    ...(step.keys && step.keys.length > 0 ? { keys: step.keys } : {}),
    ...(step.diffs && step.diffs.length > 0 ? { diffs: step.diffs } : {}),
    detailedDiff:
      diff &&
      Object.fromEntries(
        Object.entries(diff).map(([k, v]) => [k, { diffKind: v.kind, inputDiff: v.inputDiff }]),
      ),
    ...(step.logical ? { logical: true } : {}),
    provider: state?.provider ?? "",
  };
}

function stateJson(state: ResourceState): JsonObject {
  const flags: JsonObject = {};
  for (const flag of ["custom", "delete"] as const) if (state[flag]) flags[flag] = true;
  const more: JsonObject = {};
  for (const flag of ["protect", "taint", "retainOnDelete"] as const) if (state[flag]) more[flag] = true;
  return {
    type: state.type,
    urn: state.urn,
    ...flags,
    id: state.id ?? "",
    parent: state.parent ?? "",
    ...more,
    inputs: encodeProps(state.inputs, blindSecrets),
    outputs: encodeProps(state.outputs, blindSecrets),
    provider: state.provider ?? "",
    ...(state.initErrors && state.initErrors.length > 0 ? { initErrors: state.initErrors as Json } : {}),
  };
}
