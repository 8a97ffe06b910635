import type { Problem } from "../problems.ts";
import type { App } from "../schema/app/index.ts";
import { secretsOf } from "../schema/app/secrets.ts";

/** Most bytes of one variable, with its name and the final NUL (execve(2), MAX_ARG_STRLEN). */
const MAX_VARIABLE = 128 * 1024;
/** Most bytes of all variables of a process: a quarter of the stack's 8 MB (execve(2)), less what the image itself sets. */
const MAX_ENVIRONMENT = 1536 * 1024;

/**
 * Settings and secrets of an application that no process could be started with: the container would end with "argument
 * list too long", after its image was pulled and everything before it was changed.
 * @param secrets by name, in plain text; a problem shows their size only
 */
export function checkEnvironment(
  apps: Readonly<Record<string, App>>,
  secrets: Readonly<Record<string, string>>,
): Problem[] {
  return Object.entries(apps).flatMap(([name, app]) => {
    const variables = [
      ...Object.entries(app.environment).map(
        ([key, value]) => [`apps.${name}.environment.${key}`, key, value] as const,
      ),
      ...(app.secretsAs === "environment"
        ? secretsOf(app.secrets).map(
            ({ variable, secret }) => [secret, variable, secrets[secret] ?? ""] as const,
          )
        : []),
    ];
    const sizes = variables.map(([path, key, value]) => ({
      path,
      bytes: Buffer.byteLength(`${key}=${value}`) + 1,
    }));
    const large = sizes.filter(({ bytes }) => bytes > MAX_VARIABLE);
    const sum = sizes.reduce((all, { bytes }) => all + bytes, 0);
    if (large.length === 0 && sum > MAX_ENVIRONMENT)
      return [
        {
          path: `apps.${name}.environment`,
          message: `expected at most ${MAX_ENVIRONMENT / 1024} kB in all variables together, found ${Math.ceil(sum / 1024)} kB`,
          remedy:
            "Linux starts no process with more: put large texts into the image, or let the application fetch them.",
        },
      ];
    return large.map(({ path, bytes }) => ({
      path,
      message: `expected at most ${MAX_VARIABLE / 1024} kB in one variable, found ${Math.ceil(bytes / 1024)} kB`,
      remedy: path.startsWith("apps.")
        ? "Linux starts no process with more: split it, or put it into the image."
        : `Linux starts no process with more: set apps.${name}.secretsAs to file.`,
    }));
  });
}
