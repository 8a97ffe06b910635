import type { Answer } from "../lib/verb.ts";
import { answered, findDrift } from "../drift/drift.ts";
import { machineReport, report } from "../drift/report.ts";

/** Compares a stack's server with its declaration; the exit code is 1 when they differ. */
export async function drift(stackName: string): Promise<Answer> {
  const found = answered(await findDrift(stackName));
  return { result: machineReport(found), text: () => report(found), code: found.drifted ? 1 : 0 };
}
