import { parseArgs } from "node:util";
import { Workspace } from "../project/workspace.ts";

/** Bytes that Linux takes for one variable of a new process, name and final NUL included (execve(2)). */
const LIMIT = 128 * 1024;
/** The commands that run the program. */
const RUN = ["up", "update", "preview", "pre"];

/**
 * Why the official CLI can't run the program: it gives it the configuration in one environment variable, and fails with
 * "argument list too long" after it has begun (pulumi/pulumi#8680).
 * @returns undefined when it can, and when that can't be decided here
 */
export function configTooLarge(argv: readonly string[]): string | undefined {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: {
      stack: { type: "string", short: "s" },
      cwd: { type: "string", short: "C" },
      "config-file": { type: "string" },
    },
    strict: false,
    allowPositionals: true,
  });
  if (process.platform !== "linux" || !positionals.some((word) => RUN.includes(word))) return undefined;
  // `-s=dev` is `dev` to the official CLI.
  const text = (value: unknown): string | undefined =>
    typeof value === "string" ? value.replace(/^=/, "") : undefined;
  try {
    const workspace = new Workspace(text(values.cwd) ?? process.cwd(), false);
    const name = text(values.stack) ?? process.env["PULUMI_STACK"] ?? workspace.selected();
    if (name === undefined) return undefined;
    const config = workspace.config(workspace.parse(name), text(values["config-file"]));
    // Secrets count as "[secret]": they aren't decrypted only to measure the configuration.
    const entries = Object.entries(config.entries()).map(([key, { value }]) => [key, value]);
    const size = Buffer.byteLength(`PULUMI_CONFIG=${JSON.stringify(Object.fromEntries(entries))}`) + 1;
    if (size <= LIMIT) return undefined;
    return (
      `${config.file} has ${Math.ceil(size / 1024)} kB of configuration, and the official Pulumi CLI can't give a ` +
      `program more than ${LIMIT / 1024} kB (pulumi/pulumi#8680); nothing was changed. Set FAIRLEAD_ENGINE=embedded, ` +
      "which takes any size and keeps the same state, or make the configuration smaller"
    );
  } catch {
    // The official CLI itself reports what is wrong with the project or the stack.
    return undefined;
  }
}
