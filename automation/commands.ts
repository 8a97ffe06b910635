import { createRequire } from "node:module";
import { Command, InvalidArgumentError, type CommanderError } from "commander";
import type { Answer, Common } from "./lib/verb.ts";
import { addSessions } from "./session-commands.ts";
import type { AuditCommand } from "./verbs/audit.ts";
import type { InitOptions } from "./verbs/init.ts";
import type { ImportOptions } from "./verbs/import.ts";

interface OfStack extends Common {
  stack: string;
}

/**
 * The command line: verbs and their options. What a verb does is loaded when it runs, so that help and completion are
 * quick.
 */
export function commands(): Command {
  const program = new Command("fairlead")
    .description("A whole production stack on one server, declared in one Pulumi program.")
    .showHelpAfterError()
    .configureHelp({ sortSubcommands: true });
  addUp(program);
  addDeploy(program);
  addSetup(program);
  addDown(program);
  addDrift(program);
  addPromote(program);
  addAudit(program);
  addRenew(program);
  addTraffic(program);
  addImport(program);
  addInit(program);
  addJobs(program);
  addSessions(program, verbs);
  return program;
}

function addUp(program: Command): void {
  const description = "set up what is missing, deploy the stack, check its health";
  verbOfStack<OfStack & { watch: number }>(program, "up", description, async (options) => {
    const { alone, up, summary } = verbs();
    const result = await alone(options.stack, "npm run up", () => up(options.stack, options));
    return { result, text: () => summary(result) };
  }).option(
    "--watch <seconds>",
    "how long it must stay healthy after a change, or is taken back",
    seconds,
    10,
  );
}

function addDeploy(program: Command): void {
  const description = "build one application's image, or take one, and release it behind health checks";
  type Options = OfStack & { app?: string; image?: string; watch: number };
  verbOfStack<Options>(program, "deploy", description, async (options) => {
    const { alone, deployApplication, deployed } = verbs();
    const result = await alone(options.stack, "npm run deploy", () => deployApplication(options));
    return { result, text: () => deployed(result) };
  })
    .option("--app <name>", "the application; needed where there are several")
    .option("--image <reference>", "an image that was built elsewhere, by tag or digest")
    .option(
      "--watch <seconds>",
      "how long it must stay healthy with the new release, or is taken back",
      seconds,
      10,
    );
}

function addSetup(program: Command): void {
  const description = "set up what is missing and record it in the stack's config, without deploying";
  verbOfStack<OfStack>(program, "setup", description, async (options) => {
    const { alone, setUp } = verbs();
    return alone(options.stack, "npm run setup", () => setUp(options.stack, options));
  });
}

function addDown(program: Command): void {
  const description = "delete the stack with its data";
  verbOfStack<OfStack & { forget: boolean }>(program, "down", description, async (options) => {
    const { alone, down, farewell } = verbs();
    const result = await alone(options.stack, "npm run down", () => down(options.stack, options));
    return { result, text: () => farewell(result) };
  }).option("--forget", "the server is gone for good: remove the stack's state and files here only", false);
}

function addDrift(program: Command): void {
  const description = "compare the server with its declaration; 0: no drift, 1: drift, 2: could not look";
  const work = async ({ stack }: OfStack): Promise<Answer> => {
    const { drift } = verbs();
    return drift(stack);
  };
  verbOfStack(program, "drift", description, work, LOOK).exitOverride(misunderstood);
}

function addPromote(program: Command): void {
  const description =
    "take the releases of one stack to another, application by application, behind health checks";
  type Options = Common & { from: string; to: string; watch: number };
  verb<Options>(program, "promote", description, async (options) => {
    const { alone, promote } = verbs();
    const { from, to } = options;
    const moves = await alone(to, "npm run promote", () => promote(options));
    const rows = moves.map(({ app, image, state }) => `${state} ${app} ${image}`);
    const nothing = `${to} already runs what ${from} runs.`;
    return { result: { from, to, moves }, text: () => (rows.length > 0 ? rows.join("\n") : nothing) };
  })
    .option("--from <stack>", "the stack that runs the releases", "staging")
    .option("--to <stack>", "the stack that gets them", "prod")
    .option(
      "--watch <seconds>",
      "how long an application must stay healthy before the next one moves",
      seconds,
      10,
    );
}

function addAudit(program: Command): void {
  const description = "check a server from outside and inside, against its requirements and public guides";
  const work = async (options: Common & AuditCommand): Promise<Answer> => {
    const { auditCommand } = verbs();
    const { result, text, code } = await auditCommand(options);
    return { result, text: () => text, code };
  };
  verbOfStack(program, "audit", description, work, LOOK)
    .option("--url <address>", "a server that is no stack of this project, by its HTTPS address")
    .option(
      "--address <address>",
      "with --url: where to connect instead of the address that the name resolves to",
    )
    .option("--ssh <command>", "with --url: the command that logs in, such as 'ssh root@203.0.113.7'")
    .option("--html <file>", "write the report as one page of its own")
    .option("--only <ids>", "only these checks, or groups of them: tls,docker.5.4", (text) => text.split(","))
    .option("--skip-intrusive", "leave out the port scan and the burst of requests", false)
    .option("--fail-on <severity>", "what makes the exit code 1: critical, high, medium or low", "medium")
    .exitOverride(misunderstood);
}

function addRenew(program: Command): void {
  const description = "renew the certificate when it is due, as the server does by itself twice a day";
  type Options = OfStack & { force: boolean; dryRun: boolean };
  verbOfStack<Options>(program, "renew", description, async ({ stack, force, dryRun }) => {
    const { alone, renew } = verbs();
    const result = await alone(stack, "npm run renew", () => renew(stack, { force, rehearse: dryRun }));
    return { result, text: () => `${stack}: ${result.did}.` };
  })
    .option("--force", "in any case, and with a new key", false)
    .option("--dry-run", "go through a renewal without changing anything", false);
}

function addTraffic(program: Command): void {
  const description =
    "show what the traffic switch knows of each release: weight, requests, errors, mean time";
  verbOfStack<OfStack>(program, "traffic", description, ({ stack }) => verbs().traffic(stack));
}

function addImport(program: Command): void {
  const description = "write a stack file from a Compose file or Kamal's, and say what became of every key";
  verbOfNewStack<ImportOptions>(program, "import", description, (options, files) =>
    verbs().importStack(files, options),
  )
    .argument("<files...>", "docker-compose.yml or config/deploy.yml, and files that go over it")
    .option("--profile <names...>", "services of these profiles, too");
}

function addJobs(program: Command): void {
  const description = "show each job with its last result and its next run, or run one now";
  verbOfStack<OfStack & { run?: string }>(program, "jobs", description, ({ stack, run }) =>
    verbs().jobs(stack, { run }),
  ).option("--run <app/job>", "run it now and wait for its end, such as shop/nightly");
}

function addInit(program: Command): void {
  const description = "write a first stack file, by a few questions or by options";
  verbOfNewStack<InitOptions>(program, "init", description, (options) => verbs().init(options))
    .option("--app <name>", "name of the application")
    .option("--image <reference>", "its image")
    .option("--build <folder>", "or the folder with its Dockerfile")
    .option("--port <number>", "port on which it answers HTTP")
    .option("--database", "with Postgres", false)
    .option("--cache", "with Redis", false);
}

const load = createRequire(__filename);

/** By `require`, which reads TypeScript here as `import()` doesn't. */
const verbs = (): typeof import("./verbs/index.ts") =>
  load("./verbs/index.ts") as typeof import("./verbs/index.ts");

/** A look that could not be taken must not seem one that found something. */
const LOOK = 2;

/** Ends a verb whose exit code 1 is an answer: an option that isn't understood is none. */
const misunderstood = ({ exitCode }: CommanderError): never => process.exit(exitCode === 0 ? 0 : LOOK);

/** @param failure exit code when there is no answer */
function verb<Options extends Common>(
  program: Command,
  name: string,
  description: string,
  work: (options: Options) => Promise<Answer>,
  failure = 1,
): Command {
  return addCommon(program.command(name).description(description)).action(async (options: Options) => {
    const { runVerb } = verbs();
    await runVerb(name, options, () => work(options), failure);
  });
}

/** A verb that makes a stack file: there is none yet. */
function verbOfNewStack<Options extends Common>(
  program: Command,
  name: string,
  description: string,
  work: (options: Options, files: string[]) => Promise<Answer>,
): Command {
  return addCommon(program.command(name).description(description))
    .option("-s, --stack <name>", "the new stack", "prod")
    .option("--domain <name>", "domain of the stack")
    .option("--address <address>", "address of a rented server; a box on this machine without it")
    .option("--host-key <key>", "its public host key, as ssh-keyscan -t ed25519 ADDRESS prints it")
    .option("--email <address>", "where Let's Encrypt writes to; without it the server's own authority signs")
    .action(async (...given: unknown[]) => {
      // Arguments come first where a verb has some, then its options.
      const files = Array.isArray(given[0]) ? (given[0] as string[]) : [];
      const options = (Array.isArray(given[0]) ? given[1] : given[0]) as Options;
      const { yes, json } = options;
      await verbs().runVerb(name, { yes, json }, () => work(options, files), 1);
    });
}

const addCommon = (command: Command): Command =>
  command
    .option("-y, --yes", "don't ask", false)
    .option("--json", "print the result as JSON, and nothing else", false);

/** A verb of one stack, staging unless it is named. */
const verbOfStack: typeof verb = (program, name, description, work, failure) =>
  verb(program, name, description, work, failure).option("-s, --stack <name>", "the stack", "staging");

function seconds(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError(`Expected whole seconds such as 10, found "${text}".`);
}
