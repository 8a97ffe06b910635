import { Command, InvalidArgumentError, type CommanderError } from "commander";
import colors from "picocolors";
import { auditCommand, type AuditCommand } from "./verbs/audit.ts";
import { ConfigError } from "../config/problems.ts";
import { catchInterrupts, isInterrupted } from "./lib/interrupt.ts";
import { during, startHeartbeat } from "./lib/heartbeat.ts";
import { down } from "./verbs/down.ts";
import { answered, findDrift } from "./drift/drift.ts";
import { machineReport, report } from "./drift/report.ts";
import { explain } from "./lib/errors.ts";
import { alone } from "./lock/run.ts";
import { requireStackFile } from "./lib/known-stack.ts";
import { promote } from "./verbs/promote.ts";
import { renew } from "./verbs/renew.ts";
import { TakenBack } from "./lib/restore.ts";
import { setUpTasks, type SetUp } from "./verbs/setup.ts";
import { summary } from "./lib/summary.ts";
import { runTasks } from "./lib/tasks.ts";
import { up } from "./verbs/up.ts";

interface Common {
  stack: string;
  yes: boolean;
  json: boolean;
}

/** Exit codes; a verb that tells more than "worked" and "failed" sets them. */
const codes = { success: 0, failure: 1 };

const program = new Command("fairlead")
  .description("A whole production stack on one server, declared in one Pulumi program.")
  .showHelpAfterError()
  .configureHelp({ sortSubcommands: true });

/** Options that every verb has. */
function verb(name: string, description: string, stack?: string): Command {
  const command = program.command(name).description(description);
  if (stack) command.option("-s, --stack <name>", "the stack", stack);
  return command
    .option("-y, --yes", "don't ask", false)
    .option("--json", "print the result as JSON, and nothing else", false);
}

program.hook("preAction", (_program, command) => {
  startHeartbeat();
  void during(
    () => `npm run ${command.name()}`,
    () => new Promise(() => undefined),
  );
  // A look that could not be taken must not seem one that found something.
  if (["drift", "audit"].includes(command.name())) codes.failure = 2;
  const { stack, from, to, url } =
    command.opts<Record<"stack" | "from" | "to" | "url", string | undefined>>();
  const named = url ? [] : [stack, from, to];
  for (const name of named) if (name !== undefined) requireStackFile(name);
});

/** Ends a verb whose exit code 1 is an answer: an option that isn't understood is none. */
const misunderstood = ({ exitCode }: CommanderError): never => process.exit(exitCode === 0 ? 0 : 2);

verb("up", "set up what is missing, deploy the stack, check its health", "staging")
  .option("--watch <seconds>", "how long it must stay healthy after a change, or is taken back", seconds, 10)
  .action(async (options: Common & { watch: number }) => {
    const result = await alone(options.stack, "npm run up", () => up(options.stack, options));
    print(options, result, () => summary(result));
  });

verb(
  "setup",
  "set up what is missing and record it in the stack's config, without deploying",
  "staging",
).action(async (options: Common) => {
  const context: SetUp = { stackName: options.stack, yes: options.yes, done: [] };
  await alone(options.stack, "npm run setup", () => runTasks<SetUp>(setUpTasks(), context, options));
  const result = { stack: options.stack, done: context.done };
  print(options, result, () =>
    [
      ...(result.done.length > 0 ? result.done : ["Everything was there."]),
      `Next: npm run up -- --stack ${options.stack}`,
    ].join("\n"),
  );
});

verb("down", "delete the stack with its data", "staging")
  .option("--forget", "the server is gone for good: remove the stack's state and files here only", false)
  .action(async (options: Common & { forget: boolean }) => {
    const result = await alone(options.stack, "npm run down", () => down(options.stack, options));
    const { stack, deleted, forgotten } = result;
    const text = forgotten
      ? `${stack} is forgotten.`
      : deleted > 0
        ? `${stack} is gone: ${deleted} resources deleted.`
        : `There is no stack ${stack}; nothing to delete.`;
    print(options, result, () => [text, ...result.kept.map((what) => `Kept: ${what}`)].join("\n"));
  });

verb("drift", "compare the server with its declaration; 0: no drift, 1: drift, 2: could not look", "staging")
  .exitOverride(misunderstood)
  .action(async (options: Common) => {
    const drift = answered(await findDrift(options.stack));
    print(options, machineReport(drift), () => report(drift));
    codes.success = drift.drifted ? 1 : 0;
  });

verb("promote", "take the releases of one stack to another, application by application, behind health checks")
  .option("--from <stack>", "the stack that runs the releases", "staging")
  .option("--to <stack>", "the stack that gets them", "prod")
  .option(
    "--watch <seconds>",
    "how long an application must stay healthy before the next one moves",
    seconds,
    10,
  )
  .action(async (options: Common & { from: string; to: string; watch: number }) => {
    const moves = await alone(options.to, "npm run promote", () => promote(options));
    const rows = moves.map(({ app, image, state }) => `${state} ${app} ${image}`);
    print(options, { from: options.from, to: options.to, moves }, () =>
      rows.length > 0 ? rows.join("\n") : `${options.to} already runs what ${options.from} runs.`,
    );
  });

verb("audit", "check a server from outside and inside, against its requirements and public guides", "staging")
  .option("--url <address>", "a server that is no stack of this project, by its HTTPS address")
  .option("--address <address>", "with --url: where to connect, whatever the name resolves to")
  .option("--ssh <command>", "with --url: the command that logs in, such as 'ssh root@203.0.113.7'")
  .option("--html <file>", "write the report as one page of its own")
  .option("--only <ids>", "only these checks, or groups of them: tls,docker.5.4", (text) => text.split(","))
  .option("--skip-intrusive", "leave out the port scan and the burst of requests", false)
  .option("--fail-on <severity>", "what makes the exit code 1: critical, high, medium or low", "medium")
  .exitOverride(misunderstood)
  .action(async (options: Common & AuditCommand) => {
    const { result, text, code } = await auditCommand(options);
    print(options, result, () => text);
    codes.success = code;
  });

verb("renew", "renew the certificate when it is due, as the server does by itself twice a day", "staging")
  .option("--force", "in any case, and with a new key", false)
  .option("--dry-run", "go through a renewal without changing anything", false)
  .action(async (options: Common & { force: boolean; dryRun: boolean }) => {
    const renewal = { force: options.force, rehearse: options.dryRun };
    const result = await alone(options.stack, "npm run renew", () => renew(options.stack, renewal));
    print(options, result, () => `${options.stack}: ${result.did}.`);
  });

function seconds(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected whole seconds such as 10, found "${text}".`);
}

function print({ json }: Common, result: unknown, text: () => string): void {
  console.log(json ? JSON.stringify(result, null, 2) : text());
}

/** Connections of the libraries stay open for a while; nobody should have to wait for them. */
function leave(code: number): void {
  process.stdout.write("", () => process.exit(code));
}

catchInterrupts();
program.parseAsync().then(() => leave(codes.success), fail);

function fail(error: unknown): void {
  const { message, remedy } =
    error instanceof ConfigError ? { message: error.message, remedy: "" } : explain(error);
  const json = process.argv.includes("--json");
  const restored = error instanceof TakenBack ? { restored: error.restored } : {};
  if (json) console.log(JSON.stringify({ error: { message, remedy, ...restored } }, null, 2));
  else
    process.stderr.write(
      `\n${colors.red("Failed:")} ${message}\n${remedy ? `${colors.bold("What to do:")} ${remedy}\n` : ""}`,
    );
  leave(isInterrupted() ? 130 : codes.failure);
}
