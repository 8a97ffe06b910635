import type { Stack } from "@pulumi/pulumi/automation";
import type { ListrTask } from "listr2";
import type { Answer, Common } from "../lib/verb.ts";
import { usesDebianImages } from "../../config/images.ts";
import type { Parsed } from "../../config/parse.ts";
import { PUBLISHED } from "../images/names.ts";
import { ensureAws, needsAws } from "../setup/aws.ts";
import { ensureDocker } from "../setup/docker.ts";
import { recordDigests } from "../setup/images.ts";
import { generateSecrets } from "../setup/secrets.ts";
import { readComplete } from "../lib/stack-config.ts";
import { keepOriginal } from "../lib/stack-file.ts";
import { runTasks } from "../lib/tasks.ts";
import { ensurePassphrase, openStack, PASSPHRASE_FILE } from "../lib/workspace.ts";

/** What set-up found and did; for the summary. */
export interface SetUp {
  stackName: string;
  yes: boolean;
  stack?: Stack;
  /** The stack's settings as they were before set-up recorded anything. */
  settings?: Parsed;
  done: string[];
}

/** Sets up everything that a deploy of this stack needs, and deploys nothing. */
export async function setUp(stackName: string, options: Common): Promise<Answer> {
  const context: SetUp = { stackName, yes: options.yes, done: [] };
  await runTasks<SetUp>(setUpTasks(), context, options);
  const { done } = context;
  const lines = done.length > 0 ? done : ["Everything was there."];
  return {
    result: { stack: stackName, done },
    text: () => [...lines, `Next: npm run up -- --stack ${stackName}`].join("\n"),
  };
}

/**
 * Everything that a deploy needs and a bare machine lacks: passphrase, stack, Docker engine, images with digests,
 * secrets, and for a stack that uses AWS its package. Each step looks first and says what it did; a second run does nothing.
 */
export function setUpTasks(): ListrTask<SetUp>[] {
  return [
    {
      title: "Stack",
      task: async (context, task) => {
        if (ensurePassphrase())
          context.done.push(`made a passphrase in ${PASSPHRASE_FILE}: keep a copy in a safe place`);
        keepOriginal(context.stackName);
        context.stack = await openStack(context.stackName, true);
        task.title = `Stack ${context.stackName}`;
        context.settings = await readComplete(context.stack);
        const { config } = await context.stack.workspace.stackSettings(context.stackName);
        if (needsAws(config)) context.done.push(...(await ensureAws((line) => (task.output = line))));
      },
    },
    {
      title: "Docker engine",
      task: async (context, task) => {
        const { config } = context.settings!;
        context.done.push(
          ...(await ensureDocker({
            debianImages: usesDebianImages(config, PUBLISHED),
            yes: context.yes,
            onProgress: (line: string) => (task.output = line),
          })),
        );
      },
    },
    {
      title: "Images",
      task: async (context, task) => {
        const { config } = context.settings!;
        const changed = await recordDigests(
          context.stack!,
          context.settings!,
          (line) => (task.output = line),
        );
        if (changed.length > 0) context.done.push(`recorded the digests of ${changed.length} images`);
        task.title = `Images (${config.images})`;
      },
    },
    {
      title: "Secrets",
      task: async (context) => {
        const made = await generateSecrets(context.stack!, context.settings!);
        if (made.length > 0)
          context.done.push(`made ${made.join(", ")}, encrypted in Pulumi.${context.stackName}.yaml`);
      },
    },
  ];
}
