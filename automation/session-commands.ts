import { InvalidArgumentError, type Command } from "commander";
import { parseDuration } from "../config/units.ts";
import type { Common } from "./lib/verb.ts";

type Verbs = typeof import("./verbs/index.ts");

interface OfApp extends Common {
  stack: string;
  app: string;
  process?: string;
}

/** Verbs that look into an application, or work in it: they have the terminal to themselves. */
export function addSessions(program: Command, verbs: () => Verbs): void {
  const run = session(program, "run", "run a command in a container of its own, of the release that serves");
  run.argument("<command...>", "the command, after --").action(async (command: string[], options: OfApp) => {
    const { runOneOff, runSession } = verbs();
    await runSession(options, (signal) => runOneOff(options, command, signal));
  });
  const exec = session(
    program,
    "exec",
    "run a command inside a running container of the release that serves",
  );
  exec.argument("<command...>", "the command, after --").action(async (command: string[], options: OfApp) => {
    const { runInside, runSession } = verbs();
    await runSession(options, (signal) => runInside(options, command, signal));
  });
  addLogs(program, verbs);
}

function addLogs(program: Command, verbs: () => Verbs): void {
  type Options = OfApp & { since?: number; grep?: string; lines?: number; follow: boolean };
  session(
    program,
    "logs",
    "show what all containers of an application have logged, each line with its release",
  )
    .option("--since <duration>", "only what is not older, such as 10m, 2h or 1d", ago)
    .option("--grep <expression>", "only lines that a regular expression fits")
    .option("--lines <number>", "only the last ones; 100 when --since is absent", count)
    .option("-f, --follow", "go on with what comes, until Ctrl-C", false)
    .action(async (options: Options) => {
      const { logs, runSession } = verbs();
      await runSession(options, (signal) => logs(options, signal));
    });
}

const session = (program: Command, name: string, description: string): Command =>
  program
    .command(name)
    .description(description)
    .requiredOption("-a, --app <name>", "the application")
    .option("-p, --process <name>", "a process of it")
    .option("-s, --stack <name>", "the stack", "staging")
    .option("-y, --yes", "don't ask", false)
    .option("--json", "print lines, or an error, as JSON", false);

/** `10m` is what people write, `10 min` what the stack file says; in seconds. */
function ago(text: string): number {
  const found = parseDuration(text.replace(/m$/, "min"));
  if (found !== undefined && found > 0) return found;
  throw new InvalidArgumentError(`Expected a duration such as 10m, 2h or 1d, found "${text}".`);
}

function count(text: string): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected a number such as 500, found "${text}".`);
}
