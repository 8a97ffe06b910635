import type { Backend, StackRef } from "../state/backend.ts";
import type { Changes } from "../events/bus.ts";
import type { StackConfig } from "../project/config.ts";
import { VERSION } from "../version.ts";
import type { JsonObject } from "../values/codec.ts";

/** Writes a finished update into the history, in the official shape. Times in seconds since 1970. */
export function recordUpdate(
  backend: Backend,
  ref: StackRef,
  config: StackConfig,
  update: {
    kind: "update" | "refresh" | "destroy";
    message: string;
    execKind: string;
    start: number;
    failed: boolean;
    changes: Changes;
  },
): void {
  const variables = Object.keys(process.env).filter((name) => name.startsWith("PULUMI_"));
  const environment: JsonObject = {
    "exec.kind": update.execKind,
    "pulumi.arch": process.arch === "x64" ? "amd64" : process.arch,
    ...Object.fromEntries(variables.sort().map((name) => [`pulumi.env.${name}`, "set"])),
    "pulumi.engine": "embedded",
    "pulumi.os": process.platform,
    "pulumi.version": VERSION,
    "runtime.name": "nodejs",
    "runtime.version": process.version,
  };
  backend.addHistory(ref, {
    kind: update.kind,
    startTime: update.start,
    message: update.message,
    environment,
    config: config.raw(),
    version: 0,
    result: update.failed ? "failed" : "succeeded",
    endTime: Math.floor(Date.now() / 1000),
    resourceChanges: update.changes as Record<string, number>,
  });
}
