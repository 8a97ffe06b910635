import { writeFileSync } from "node:fs";
import { z } from "zod";
import type { CallInputs } from "../../config/host/index.ts";
import { UserError } from "../lib/errors.ts";
import { readOutputs } from "../lib/outputs.ts";
import { CallFailed, Server } from "../lib/server.ts";
import type { Answer } from "../lib/verb.ts";
import { openStack } from "../lib/workspace.ts";

/** A page with figures of a stack. */
export interface DashboardOptions {
  stack: string;
  /** Where it is written to. */
  html: string;
  page?: string;
  view?: CallInputs["dashboards"]["view"];
}

const answer = z.object({ title: z.string(), html: z.string() });

/** Has the server ask its Prometheus and draw a page of it, and writes it to a file here. */
export async function dashboard({ stack, html: file, page, view }: DashboardOptions): Promise<Answer> {
  const outputs = readOutputs(await (await openStack(stack)).outputs());
  if (!outputs) throw new UserError(`${stack} is not up.`, `npm run up -- --stack ${stack}`);
  const input: CallInputs["dashboards"] = { page, view };
  const { title, html } = await Server.of(outputs)
    .call("dashboards show", input, answer)
    .catch((error: unknown) => refused(error, stack));
  try {
    writeFileSync(file, html);
  } catch (error) {
    throw new UserError(`--html: ${(error as Error).message}`, "Name a file in a folder that exists.", {
      cause: error,
    });
  }
  return { result: { stack, title, file }, text: () => `${title}: ${file}` };
}

/** @throws UserError that says what to declare, where the server draws nothing */
function refused(error: unknown, stack: string): never {
  if (!(error instanceof CallFailed) || !/draws no dashboards/.test(error.words)) throw error;
  throw new UserError(
    `${stack} keeps no figures: monitoring is off.`,
    "Set monitoring.enabled to true in its stack file, then npm run up (docs/dashboards.md).",
    { cause: error },
  );
}
