import type { Service } from "./compose/service.ts";
import type { Notes } from "./notes.ts";

const SHELL = /^(?:\/(?:usr\/)?bin\/)?(?:sh|ash|dash|bash)$/;

/** What the shell does itself, so that there is nothing to put in its place; assignments before a command, too. */
const OWN =
  /^(?:exec|cd|\.|source|set|export|unset|eval|trap|exit|wait|read|ulimit|umask|true|false|echo|test|if|fi|while|until|for|do|done|then|else|case|esac|time)\b|^[!{}[:]|^\w+=/;

/**
 * A shell that runs a command keeps SIGTERM to itself: without `exec` a worker never hears that it is to end, and is killed when
 * its time is over (Debian's shell, as the first process of a container).
 */
export function passSignals(service: Service, notes: Notes): Service {
  const result = { ...service };
  for (const key of ["command", "entrypoint"] as const) {
    const found = withExec(service[key]);
    if (!found) continue;
    result[key] = found;
    notes.add(
      service.name,
      key,
      "different",
      "`exec` stands before the last command of its shell, so that it hears SIGTERM and can finish.",
    );
  }
  return result;
}

/** `[sh, -c, "a && b"]` with `exec` before its last command; nothing where that isn't plain to see. */
export function withExec(argv: readonly string[] | undefined): string[] | undefined {
  const [shell, option, text, ...rest] = argv ?? [];
  if (text === undefined || !SHELL.test(shell!) || !/^-[a-z]*c$/.test(option!)) return undefined;
  const [, before, last] = /^([^]*(?:&&|;)\s*|\s*)(\S[^]*?)\s*$/.exec(text) ?? [];
  if (last === undefined || /[\n|&()`#]/.test(last) || OWN.test(last)) return undefined;
  const odd = (quote: string): boolean => last.split(quote).length % 2 === 0;
  return odd('"') || odd("'") ? undefined : [shell!, option!, `${before}exec ${last}`, ...rest];
}
