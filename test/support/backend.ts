import { execFileSync } from "node:child_process";
import { join } from "node:path";

const TOOLS = join(__dirname, "..", "..", "assets", "host");
const PROGRAM =
  "import json, sys; from fairlead.lib.backend import render; print(render(*json.load(sys.stdin)), end='')";

/** A server of an application in a slot of HAProxy. */
interface Slot {
  host: string;
  weight: number;
}

/** The file of one application for HAProxy, as the host tools make it. */
export function backendFile(
  app: { app: string; domain: string; port: number; health: string; grpc?: boolean },
  slots: Record<string, Slot> = {},
): string {
  return execFileSync("/usr/bin/python3", ["-B", "-c", PROGRAM], {
    cwd: TOOLS,
    input: JSON.stringify([app, slots]),
    encoding: "utf8",
  });
}

/** Without its servers. */
export const withoutServers = (file: string): string => file.replace(/^ {2}server .*\n/gm, "");
