import { readOutputs, type StackOutputs } from "./outputs.ts";
import { pulumi } from "./workspace.ts";

/** The outputs of a stack that is up, by one call of the engine, where the Automation API takes two; `undefined` for one that isn't. */
export async function runningOutputs(stack: string): Promise<StackOutputs | undefined> {
  const text = await pulumi(["stack", "output", "--json", "--show-secrets", "--stack", stack]);
  const found = Object.entries(JSON.parse(text) as Record<string, unknown>);
  return readOutputs(Object.fromEntries(found.map(([key, value]) => [key, { value, secret: false }])));
}
