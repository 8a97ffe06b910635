import type { Changes, EngineEvent } from "../events/bus.ts";
import { encodeResource } from "../state/checkpoint.ts";
import { isStack } from "./opText.ts";
import { isDefaultProvider, type ResourceState } from "../state/types.ts";
import { maskedSecrets, type JsonObject } from "../values/codec.ts";

/** Collects a preview in the shape of the official `preview --json`. */
export function previewJson(started: number): {
  listen: (event: EngineEvent) => void;
  digest: () => JsonObject;
} {
  const steps: JsonObject[] = [];
  const diagnostics: JsonObject[] = [];
  let config: Record<string, string> = {};
  let changes: Changes = {};
  const state = (s: ResourceState): JsonObject => encodeResource(s, maskedSecrets);
  const listen = (event: EngineEvent): void => {
    if (event.kind === "prelude") config = event.config;
    if (event.kind === "summary") changes = event.changes;
    if (event.kind === "diag" && event.severity !== "debug") {
      const { urn, severity, message } = event;
      const prefix = severity === "info" ? "" : `${severity}: `;
      diagnostics.push({ ...(urn ? { urn } : {}), message: prefix + message, severity });
    }
    const refreshed = event.kind === "outputs" && event.step.op === "refresh";
    if ((event.kind !== "pre" && !refreshed) || isDefaultProvider(event.step.urn)) return;
    const { step } = event;
    if (!step.logical || (step.op === "same" && !isStack(step.urn))) return;
    if (step.op === "refresh" && !refreshed) return;
    const provider = (step.new ?? step.old)?.provider;
    const detailed =
      step.detailedDiff && Object.entries(step.detailedDiff).map(([k, v]) => [k, { ...v }] as const);
    steps.push({
      op: step.op,
      urn: step.urn,
      ...(provider ? { provider } : {}),
      ...(step.old ? { oldState: state(step.old) } : {}),
      ...(step.new ? { newState: state(step.new) } : {}),
      ...(step.diffs && step.diffs.length > 0 ? { diffReasons: step.diffs } : {}),
      ...(step.keys && step.keys.length > 0 ? { replaceReasons: step.keys } : {}),
      detailedDiff: detailed ? Object.fromEntries(detailed) : null,
    });
  };
  const digest = (): JsonObject => ({
    config,
    steps,
    diagnostics,
    duration: Math.round((performance.now() - started) * 1e6),
    changeSummary: changes as Record<string, number>,
  });
  return { listen, digest };
}
