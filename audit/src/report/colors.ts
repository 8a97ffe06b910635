import { createColors } from "picocolors";

/**
 * Whether what is printed is coloured: at a terminal, or where it is asked for (https://no-color.org,
 * https://force-color.org). A pipe gets plain text also where `CI` is set, which picocolors takes for a terminal.
 */
export const colored = (env: NodeJS.ProcessEnv, isTerminal: boolean): boolean =>
  !env.NO_COLOR && (Boolean(env.FORCE_COLOR) || (isTerminal && env.TERM !== "dumb"));

export const colors = createColors(colored(process.env, process.stdout.isTTY === true));
