import type { Ctx, Props } from "../contract.ts";
import { checkShapes } from "./resource.ts";
import { localShapes, runLocal } from "./local.ts";

export const RUN = "command:local:run";

/** `command.local.run`: runs at every preview and update. */
export async function invokeRun(ctx: Ctx, args: Props): Promise<Props> {
  const { inputs, failures } = checkShapes(RUN, { ...localShapes, command: "string!" }, args);
  if (failures[0]) throw new Error(`${RUN}: ${failures.map((f) => `${f.property}: ${f.reason}`).join("; ")}`);
  const done = await runLocal(ctx, "", String(inputs["command"]), inputs, {});
  return { ...inputs, ...done };
}
