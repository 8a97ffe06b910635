import type { DiagSeverity } from "../events/bus.ts";
import type { Run } from "../deploy/run.ts";
import { empty, engine as pb, type Engine } from "./protos.ts";
import type { Method } from "./server.ts";

const severities: DiagSeverity[] = ["debug", "info", "warning", "error"];

/** Serves the program's log messages. */
export function engineMethods(run: Run): Record<string, Method<never>> {
  let root = "";
  return {
    log: (request: Engine.LogRequest) => {
      const severity = severities[request.getSeverity()] ?? "info";
      run.diag(severity, request.getMessage(), request.getUrn() || root, request.getEphemeral());
      return new empty.Empty();
    },
    getRootResource: () => new pb.GetRootResourceResponse().setUrn(root),
    setRootResource: (request: Engine.SetRootResourceRequest) => {
      root = request.getUrn();
      return new pb.SetRootResourceResponse();
    },
    requirePulumiVersion: () => new pb.RequirePulumiVersionResponse(),
    startDebugging: () => new empty.Empty(),
  } as Record<string, Method<never>>;
}
