import type { Ctx, Props, ResourceType } from "../contract.ts";
import { UNKNOWN } from "../contract.ts";
import { resourceName, uniqueHex } from "../names.ts";
import type { CommandOutput } from "./output.ts";

/** Runs one command. `previous` are the outputs whose streams the command may see. */
type Runner = (
  ctx: Ctx,
  urn: string,
  command: string,
  inputs: Props,
  previous: Props,
) => Promise<CommandOutput>;

const commandOf = (props: Props, ...names: string[]): string | undefined => {
  for (const name of names) if (typeof props[name] === "string") return props[name];
  return undefined;
};

/** Create, update and delete of `local.Command` and `remote.Command`. */
export function lifecycle(run: Runner): Pick<ResourceType, "create" | "update" | "delete"> {
  return {
    async create(ctx, urn, inputs, preview) {
      const id = uniqueHex(resourceName(urn));
      if (preview) return { id, outputs: { ...inputs, stdout: UNKNOWN, stderr: UNKNOWN } };
      const command = commandOf(inputs, "create");
      const done =
        command === undefined ? { stdout: "", stderr: "" } : await run(ctx, urn, command, inputs, {});
      return { id, outputs: { ...inputs, ...done } };
    },
    async update(ctx, _id, urn, _oldInputs, oldOutputs, news, preview) {
      const last: Props = { stdout: oldOutputs["stdout"] ?? "", stderr: oldOutputs["stderr"] ?? "" };
      if (preview) return { outputs: { ...news, stdout: UNKNOWN, stderr: UNKNOWN } };
      const command = commandOf(news, "update", "create");
      const done = command === undefined ? last : { ...(await run(ctx, urn, command, news, last)) };
      return { outputs: { ...news, ...done } };
    },
    async delete(ctx, _id, urn, _inputs, outputs) {
      const command = commandOf(outputs, "delete");
      if (command !== undefined) await run(ctx, urn, command, outputs, outputs);
    },
  };
}
