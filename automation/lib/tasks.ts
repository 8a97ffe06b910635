import { Listr, type ListrTask } from "listr2";
import { alive, during, SILENCE, statement } from "./heartbeat.ts";
import { stopIfInterrupted } from "./interrupt.ts";

/** A failed task by its title; the caller of the list reports the cause, once. */
class TaskError extends Error {}

/**
 * Runs tasks one after the other. They are shown as a live list for a person, as plain lines elsewhere, and not at all
 * with JSON. When one fails, what the others did is said here, because there is no summary then.
 * @throws what the first failing task threw
 */
export async function runTasks<Context extends object>(
  tasks: ListrTask<Context>[],
  context: Context,
  { json }: { json: boolean },
): Promise<void> {
  try {
    await list(tasks, json).run(context);
  } catch (error) {
    const { done } = context as { done?: readonly string[] };
    if (!json) for (const what of done ?? []) process.stderr.write(`Done so far: ${what}\n`);
    throw error instanceof TaskError ? error.cause : error;
  }
}

function list<Context extends object>(tasks: ListrTask<Context>[], json: boolean): Listr<Context> {
  const shown = tasks.map(({ task: run, ...task }) => ({
    ...task,
    task: async (context: Context, wrapper: Parameters<typeof run>[1]) => {
      try {
        stopIfInterrupted();
        const task = new Speaking(wrapper);
        const words = (): string => [wrapper.title, task.words].filter(Boolean).join(": ");
        const timer = setInterval(task.repeat, 1000).unref();
        try {
          return (await during(words, async () => run(context, task.wrapper))) as void;
        } finally {
          clearInterval(timer);
        }
      } catch (cause) {
        throw new TaskError(wrapper.title, { cause });
      }
    },
    rendererOptions: { outputBar: 8, persistentOutput: false },
  }));
  return new Listr<Context>(shown, {
    renderer: json ? "silent" : "default",
    fallbackRenderer: json ? "silent" : "verbose",
    fallbackRendererCondition: () => process.stdout.isTTY !== true,
    rendererOptions: { collapseErrors: false, showErrorMessage: false },
    fallbackRendererOptions: { logTitleChange: false },
    exitOnError: true,
    // Interrupts are ours: what is under way ends first.
    registerSignalListeners: false,
  } as never);
}

/** A task's own handle that remembers its last words, for signs of life. */
class Speaking<Wrapper extends { output: string }> {
  words = "";
  readonly wrapper: Wrapper;
  private last = Date.now();

  constructor(private readonly real: Wrapper) {
    const said = (text: string): void => {
      alive();
      this.words = text;
      this.say(text);
    };
    this.wrapper = Object.create(real, { output: { get: () => real.output, set: said } }) as Wrapper;
  }

  /** Below the spinner of a terminal, too, a person reads what takes so long, and for how long. */
  readonly repeat = (): void => {
    if (Date.now() - this.last > SILENCE) this.say(statement());
  };

  private say(text: string): void {
    this.last = Date.now();
    this.real.output = text;
  }
}
