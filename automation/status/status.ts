import type { Stack } from "@pulumi/pulumi/automation";
import type { StackOutputs } from "../lib/outputs.ts";
import { judge, type Finding } from "./judge.ts";
import { lookAt, type ServerStatus } from "./look.ts";
import { processes, type ProcessStatus } from "./processes.ts";

/** The last update of a stack. */
export interface Change {
  /** Seconds since 1970. */
  at: number;
  kind: string;
  result: string;
  /** Such as `2 created, 1 deleted`; empty when nothing was. */
  resources: string;
}

/** What a person asks first, as `--json` prints it. */
export interface StackStatus {
  stack: string;
  url: string;
  /** What should be looked at; empty when all is well. */
  findings: Finding[];
  processes: ProcessStatus[];
  /** `null` where no update is known, as after a change of the backend. */
  change: Change | null;
  /** No version makes any yet. */
  backup: null;
  drill: null;
  server: ServerStatus;
}

/** Asks the server and puts together what it says. */
export async function statusOfStack(
  stack: string,
  outputs: StackOutputs,
  change: Change | null,
): Promise<StackStatus> {
  const server = await lookAt(outputs);
  return assembled(stack, outputs, change, server);
}

/** What can be said of a stack by what its server has answered. */
export function assembled(
  stack: string,
  outputs: StackOutputs,
  change: Change | null,
  server: ServerStatus,
): StackStatus {
  const found = processes(server, outputs);
  const findings = judge(server, found, outputs);
  return {
    stack,
    url: outputs.url,
    findings,
    processes: found,
    change,
    backup: null,
    drill: null,
    server,
  };
}

/** Updates that are looked through for one that may have changed something. */
const UPDATES = 10;

const WORDS: readonly (readonly [string, string])[] = [
  ["create", "created"],
  ["update", "updated"],
  ["replace", "replaced"],
  ["delete", "deleted"],
];

/** The last update that wasn't a mere look, by the engine's own history. */
export async function lastChange(stack: Pick<Stack, "history">): Promise<Change | null> {
  const all = await stack.history(UPDATES);
  const found = all.find(({ kind }) => kind === "update" || kind === "destroy");
  if (!found) return null;
  const counts = (found.resourceChanges ?? {}) as Readonly<Record<string, number>>;
  const resources = WORDS.flatMap(([key, word]) => (counts[key] ? [`${counts[key]} ${word}`] : []));
  return {
    at: found.startTime.getTime() / 1000,
    kind: found.kind,
    result: found.result,
    resources: resources.join(", "),
  };
}
