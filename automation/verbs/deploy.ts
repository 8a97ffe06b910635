import { digestOf, pin, repository } from "../../config/images.ts";
import { image as imageField } from "../../config/schema/fields.ts";
import { nearest } from "../../config/problems.ts";
import { pruneBuilds } from "../build/prune.ts";
import { publishApplication } from "../build/publish.ts";
import { serverArchitecture } from "../build/server.ts";
import { explain, UserError } from "../lib/errors.ts";
import { readOutputs, type StackOutputs } from "../lib/outputs.ts";
import type { Edit } from "../lib/stack-file-edit.ts";
import { runTasks } from "../lib/tasks.ts";
import { declared, interruptedShift, shift, trafficOf, wholly, type Traffic } from "../lib/traffic.ts";
import { serverLock } from "../lock/server.ts";
import { digestNow } from "../setup/digest.ts";
import { setUpTasks, type SetUp } from "./setup.ts";

/** Options of `npm run deploy`. */
export interface DeployOptions {
  stack: string;
  app?: string;
  /** An image that was built elsewhere. */
  image?: string;
  /** Seconds that the stack must stay healthy with the new release. */
  watch: number;
  yes: boolean;
  json: boolean;
}

/** What a deploy did. */
export interface DeployResult {
  stack: string;
  app: string;
  /** Image by digest. */
  image: string;
  /** Its release; absent when it served already. */
  release?: string;
  seconds: number;
}

interface Context extends SetUp {
  app?: string;
  image?: string;
  edits?: Edit[];
  before?: StackOutputs;
  after?: StackOutputs;
}

/**
 * Builds one application's image, or takes one that was built elsewhere, and replaces what serves: behind the same checks as
 * an update, and back to what served before when it isn't healthy. The stack file names the new image once it is.
 * @throws UserError with what failed, and what serves now
 */
export async function deployApplication(options: DeployOptions): Promise<DeployResult> {
  const started = Date.now();
  const context: Context = { stackName: options.stack, yes: options.yes, done: [] };
  await runTasks<Context>(
    [
      ...setUpTasks(),
      {
        title: "Application",
        task: async (current, task) => {
          current.app = chooseApp(options, current);
          current.before = readOutputs(await current.stack!.outputs());
          if (!current.before)
            throw new UserError(
              `${options.stack} is not up, so there is nothing to deploy ${current.app} to.`,
              `npm run up -- --stack ${options.stack} builds and deploys everything.`,
            );
          task.title = `Application ${current.app}`;
        },
      },
      {
        title: "Image",
        task: async (current, task) => {
          const say = (line: string): string => (task.output = line);
          await (options.image ? takeImage(current, options.image, say) : buildHere(current, say));
          task.title = `Image ${current.image!}`;
        },
      },
      serverLock(options.stack, "npm run deploy"),
      {
        title: "Deploy",
        skip: ({ before, app, image }) => serves(trafficOf(before, app!), image!),
        task: async (current, task) => {
          const { stack, app, image, edits } = current;
          const before = readOutputs(await stack!.outputs());
          const interrupted = interruptedShift(options.stack);
          const moved = { app: app!, to: wholly(image!), before: trafficOf(before, app!) };
          current.after = await shift(stack!, moved, {
            seconds: options.watch,
            runs: interrupted?.app === app ? undefined : before,
            edits,
            called: "deployed",
            say: (line) => (task.output = line),
          });
        },
      },
      {
        title: "Old images",
        skip: ({ after, settings, app }) => !after || !settings!.config.apps[app!]!.build,
        task: async (current, task) => {
          task.title = `Old images: ${await pruneOld(current)}`;
        },
      },
    ],
    context,
    options,
  );
  const { app, image, after } = context;
  return {
    stack: options.stack,
    app: app!,
    image: image!,
    release: after?.releases[app!]?.find((one) => one.image === image)?.release,
    seconds: (Date.now() - started) / 1000,
  };
}

/** What a person reads in the end. */
export function deployed({ stack, app, image, release, seconds }: DeployResult): string {
  if (release === undefined) return `Nothing changed: ${app} on ${stack} serves ${image} already.`;
  return `${app} on ${stack} serves ${release} (${image}), after ${seconds.toFixed(0)} s.`;
}

const serves = (traffic: Traffic | undefined, image: string): boolean =>
  traffic?.length === 1 && traffic[0]!.image === image;

/** The application that is meant: the only one needs no name. */
function chooseApp({ app, image, stack }: DeployOptions, { settings }: SetUp): string {
  const { apps } = settings!.config;
  const names = Object.keys(apps);
  if (app === undefined) {
    const possible = names.filter((name) => image !== undefined || apps[name]!.build);
    if (possible.length === 1) return possible[0]!;
    throw new UserError(`${stack} has ${names.length} applications: ${names.join(", ")}.`, "Add --app NAME.");
  }
  if (!apps[app]) {
    const near = nearest(app, names);
    throw new UserError(
      `--app: ${stack} has no application "${app}".`,
      near === undefined ? `It has ${names.join(", ")}.` : `Did you mean "${near}"?`,
    );
  }
  if (image === undefined && !apps[app].build)
    throw new UserError(
      `${app} isn't built here: it runs ${apps[app].image}.`,
      `Name the new image with --image, or set apps.${app}.build to the folder of its Dockerfile.`,
    );
  return app;
}

/** Builds the application and says what the stack file will: its image serves alone, by the digest recorded for it. */
async function buildHere(context: Context, say: (line: string) => void): Promise<void> {
  const { app, stack, settings } = context;
  const architecture = await serverArchitecture(stack!, settings!);
  const { reference, digest } = await publishApplication({
    stack: stack!.name,
    app: app!,
    settings: settings!,
    architecture,
    say,
  });
  context.image = `${repository(reference)}@${digest}`;
  context.edits = [
    [["digests", reference], digest],
    [["releases", app!], undefined],
  ];
}

/** An image that was built elsewhere becomes the application's `image`; one that is built here is only declared to serve. */
async function takeImage(context: Context, reference: string, say: (line: string) => void): Promise<void> {
  const { app, settings } = context;
  if (!imageField.safeParse(reference).success)
    throw new UserError(
      `--image: expected an image such as ghcr.io/you/${app}:1.4.2, found "${reference}".`,
      "Correct it.",
    );
  const digest = digestOf(reference) ?? (await digestNow(reference, settings!, say));
  const image = pin(reference, { [reference]: digest })!;
  const built = settings!.config.apps[app!]!.build !== undefined;
  const tagged = digestOf(reference) === undefined;
  context.image = image;
  context.edits = built
    ? [declared(app!, wholly(image))]
    : [
        [["apps", app!, "image"], reference],
        ...(tagged ? [[["digests", reference], digest] as const] : []),
        [["releases", app!], undefined],
      ];
}

/** Old builds leave this machine. What was deployed serves: nothing that happens here makes the deploy a failure. */
async function pruneOld({ stackName, app, settings, after }: Context): Promise<string> {
  const { server, apps } = settings!.config;
  const running = Object.values(after!.releases).flatMap((releases) => releases.map(({ image }) => image));
  const keep = server.keepImages;
  try {
    const { removed, busy } = await pruneBuilds({
      stack: stackName,
      app: app!,
      image: apps[app!]!.image,
      keep,
      running,
    });
    if (busy) return "they stay this time, because another run is publishing";
    return removed.length === 0 ? "none to remove" : `${removed.length} removed from this machine`;
  } catch (error) {
    return `they stay this time (${explain(error).message})`;
  }
}
