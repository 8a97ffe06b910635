import { z } from "zod";
import { columns, duration } from "../lib/columns.ts";
import { UserError } from "../lib/errors.ts";
import { readOutputs, type StackOutputs } from "../lib/outputs.ts";
import { Server } from "../lib/server.ts";
import type { Answer } from "../lib/verb.ts";
import { openStack } from "../lib/workspace.ts";

const incidentSchema = z.object({
  id: z.string(),
  title: z.string(),
  apps: z.array(z.string()),
  by: z.enum(["hand", "monitoring"]),
  /** Seconds since 1970. */
  opened: z.number(),
  closed: z.number().nullable(),
  notes: z.array(z.object({ at: z.number(), text: z.string() })),
});

/** What visitors are told of a disturbance. */
export type Incident = z.output<typeof incidentSchema>;

const told = z.object({ incident: incidentSchema, page: z.boolean() });

export interface IncidentOptions {
  stack: string;
  begin?: string;
  app?: string[];
  note?: string;
  close?: string;
  text?: string;
}

/** Shows the incidents of a stack, or changes one; the status page has it at once. */
export async function incident(options: IncidentOptions): Promise<Answer> {
  const call = callOf(options);
  const { stack } = options;
  const outputs = readOutputs(await (await openStack(stack)).outputs());
  if (!outputs) throw new UserError(`${stack} is not up.`, `npm run up -- --stack ${stack}`);
  refuseUnknown(options.app ?? [], outputs);
  const server = Server.of(outputs);
  if (!call) {
    const found = await server.call("incident look", {}, z.object({ incidents: z.array(incidentSchema) }));
    return { result: { stack, ...found }, text: () => table(found.incidents) };
  }
  const { incident: one, page } = await server.call(call.name, call.input, told);
  return { result: { stack, incident: one, page }, text: () => said(one, page) };
}

/**
 * What is to be done; nothing but a look without a word.
 * @throws UserError when it is two things, or lacks words
 */
export function callOf(options: IncidentOptions): { name: string; input: object } | undefined {
  const { begin, note, close, app, text } = options;
  const wishes = [begin, note, close].filter((wish) => wish !== undefined).length;
  if (wishes > 1)
    throw new UserError("--begin, --note and --close are three different things.", "Choose one of them.");
  if (app && begin === undefined)
    throw new UserError("--app belongs to --begin.", "Leave it out: an incident keeps its applications.");
  if (text !== undefined && wishes === 0)
    throw new UserError("--text belongs to --begin, --note or --close.", "Add one of them.");
  if (begin !== undefined) return { name: "incident begin", input: { title: begin, apps: app ?? [], text } };
  if (close !== undefined) return { name: "incident close", input: { id: close, text } };
  if (note === undefined) return undefined;
  if (text === undefined)
    throw new UserError("--note needs --text.", `npm run incident -- --note ${note} --text "…"`);
  return { name: "incident note", input: { id: note, text } };
}

function refuseUnknown(apps: readonly string[], { releases }: StackOutputs): void {
  const unknown = apps.filter((app) => !(app in releases));
  if (unknown.length === 0) return;
  const known = Object.keys(releases).sort().join(", ");
  throw new UserError(`There is no application ${unknown.join(" or ")}.`, `Known here: ${known}.`);
}

const said = ({ id, title, closed }: Incident, page: boolean): string =>
  [
    `${id}: ${title}${closed === null ? "" : ", closed"}.`,
    ...(page ? [] : ["This stack shows no status page: nobody reads it there."]),
  ].join(" ");

/** The newest first. */
export function table(incidents: readonly Incident[], now = Date.now() / 1000): string {
  if (incidents.length === 0) return "No incidents in the last 90 days.";
  const lines = incidents.map(({ id, title, apps, by, opened, closed, notes }) => [
    id,
    closed === null ? "open" : "closed",
    `${duration(now - opened)} ago`,
    duration((closed ?? now) - opened),
    apps.join(", ") || "–",
    by,
    [title, notes.at(-1)?.text].filter(Boolean).join(": "),
  ]);
  return columns(["incident", "state", "began", "took", "applications", "by", "what"], lines, () => true);
}
