import type * as pulumi from "@pulumi/pulumi";
import { asset } from "../lib/assets.ts";
import { hostCommand } from "../lib/host-command.ts";
import type { Server } from "./server.ts";

/**
 * The service that restarts containers which fail their live check: it finds them by their label, so a release changes
 * nothing of it (decision 0048).
 */
export function liveChecks(server: Server, parent: pulumi.Resource): pulumi.Resource {
  const unit = {
    name: "fairlead-live.service",
    service: asset("host/units/live.service"),
    enabled: true,
    running: true,
  };
  return hostCommand("live-checks", "files", { name: "live-checks", units: [unit] }, server, { parent });
}
