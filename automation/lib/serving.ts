import { UserError } from "./errors.ts";
import type { StackOutputs } from "./outputs.ts";
import { runningOutputs } from "./running.ts";

/** An application of a running stack, and the release of it that has most of the traffic. */
export interface Serving {
  outputs: StackOutputs;
  release: string;
}

/** @throws UserError when the stack isn't up, or has no such application */
export async function servingRelease(stack: string, app: string): Promise<Serving> {
  const outputs = await runningOutputs(stack);
  if (!outputs) throw new UserError(`${stack} is not up.`, `npm run up -- --stack ${stack}`);
  const [release] = [...(outputs.releases[app] ?? [])].sort((a, b) => b.weight - a.weight);
  if (release) return { outputs, release: release.release };
  const known = Object.keys(outputs.releases).sort().join(", ");
  throw new UserError(`${stack} has no application ${app}.`, `Known here: ${known || "none"}.`);
}
