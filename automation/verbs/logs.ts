import { z } from "zod";
import colors from "picocolors";
import { Server } from "../lib/server.ts";
import { servingRelease } from "../lib/serving.ts";

const logLine = z.object({
  time: z.string(),
  app: z.string(),
  release: z.string().optional(),
  container: z.string(),
  process: z.string(),
  task: z.string().optional(),
  stream: z.enum(["stdout", "stderr"]),
  text: z.string(),
});

type LogLine = z.output<typeof logLine>;

/** What of an application's logs is shown. */
export interface LogOptions {
  stack: string;
  app: string;
  process?: string;
  /** Seconds ago. */
  since?: number;
  grep?: string;
  lines?: number;
  follow: boolean;
  json: boolean;
}

/** Lines without a choice: as many as a screen or two hold. */
const LINES = 100;

/** Prints what all containers of an application have logged, in the order of time, and goes on with `follow`. */
export async function logs(options: LogOptions, signal: AbortSignal): Promise<number> {
  const { stack, app, process: kind, since, grep, follow, json } = options;
  const { outputs } = await servingRelease(stack, app);
  const lines = options.lines ?? (since === undefined ? LINES : undefined);
  const input = { app, process: kind, since, grep, lines, follow };
  const print = (text: string): void => {
    const line = logLine.parse(JSON.parse(text));
    process.stdout.write(`${json ? JSON.stringify(line) : said(line)}\n`);
  };
  await Server.of(outputs).stream("logs show", input, print, signal);
  return 0;
}

/** One line: when, which release and process of it, and what. */
function said({ time, app, release, process: kind, text }: LogLine): string {
  const moment = time.slice(0, 19).replace("T", " ");
  return `${colors.dim(moment)} ${colors.cyan(release ?? app)} ${colors.dim(kind)} ${text}`;
}
