import { execa } from "execa";
import { UserError } from "../lib/errors.ts";
import { environment, ROOT } from "../lib/workspace.ts";

/** Bytes that Linux takes for one variable of a new process, name and final NUL included (execve(2)). */
const LIMIT = 128 * 1024;

/**
 * Refuses a configuration that the official CLI can't give to the program: it goes through one environment variable
 * (pulumi/pulumi#8680). The embedded engine takes any.
 * @param raw the stack's configuration by full key
 * @throws UserError before anything was changed
 */
export async function refuseTooLarge(
  raw: Readonly<Record<string, string>>,
  isOfficial = officialRuns,
): Promise<void> {
  const size = Buffer.byteLength(`PULUMI_CONFIG=${JSON.stringify(raw)}`) + 1;
  if (size <= LIMIT || !(await isOfficial())) return;
  throw new UserError(
    `The stack's configuration has ${Math.ceil(size / 1024)} kB, and the official Pulumi CLI on the PATH can't give a program more than ${LIMIT / 1024} kB (pulumi/pulumi#8680).`,
    "Set FAIRLEAD_ENGINE=embedded, which takes any size and keeps the same state, or make the configuration smaller.",
  );
}

/** Which engine runs is said on stderr to people (docs/engine.md), so the question is asked as one of them would. */
async function officialRuns(): Promise<boolean> {
  const { stderr } = await execa("pulumi", ["whoami"], {
    cwd: ROOT,
    env: { ...environment(), PULUMI_AUTOMATION_API: undefined },
    reject: false,
    stdin: "ignore",
    timeout: 60_000,
  });
  return !stderr.includes("pulumi: embedded engine");
}
