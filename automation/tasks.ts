import { Listr, type ListrTask } from "listr2";

/** How tasks are shown: a live list for a person, plain lines elsewhere, nothing beside JSON. */
export function runner<Context extends object>(
  tasks: ListrTask<Context>[],
  { json }: { json: boolean },
): Listr<Context> {
  const renderer = json ? "silent" : "default";
  const persistent = tasks.map((task) => ({
    ...task,
    rendererOptions: { outputBar: 8, persistentOutput: false },
  }));
  return new Listr<Context>(persistent, {
    renderer,
    fallbackRenderer: json ? "silent" : "verbose",
    fallbackRendererCondition: () => process.stdout.isTTY !== true,
    rendererOptions: { collapseErrors: false, showErrorMessage: false },
    fallbackRendererOptions: { logTitleChange: false },
    exitOnError: true,
  } as never);
}
