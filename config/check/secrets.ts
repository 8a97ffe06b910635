import { madeFor, type Uses } from "../given.ts";
import type { Problem } from "../problems.ts";
import type { App } from "../schema/app/index.ts";
import { secretsOf } from "../schema/app/secrets.ts";
import { GENERATED, generatedFor } from "../secrets.ts";
import { PROVIDERS, SERVICES } from "../services.ts";

/** What of an application's settings says which secrets it gets; other settings may be wrong. */
export type NeedsSecrets = Uses & Pick<App, "secrets">;

/**
 * Secrets that applications need and that are not set, or that the stack makes itself; also works on settings whose other
 * parts are wrong. The URL of a database or cache of one's own is an ordinary secret, where the stack gives none.
 */
export function checkSecrets(
  stack: string,
  config: { apps: Readonly<Record<string, NeedsSecrets>> },
  hasSecret: (name: string) => boolean,
): Problem[] {
  return Object.entries(config.apps).flatMap(([name, app]) => {
    const made = madeFor(name, app);
    return secretsOf(app.secrets).flatMap(({ variable, secret, path: below }): Problem[] => {
      const path = `apps.${name}.${below}`;
      const provider = PROVIDERS.find((service) => SERVICES[service].provides.variable === variable);
      if (made.includes(variable)) {
        return [
          {
            path,
            message: `${variable} is made by the stack`,
            remedy: `Remove it; or, for one of your own, remove ${provider ?? "the database"} from the application's needs and settings.`,
          },
        ];
      }
      if (hasSecret(secret) || (GENERATED as readonly string[]).includes(secret)) return [];
      return [
        {
          path,
          message: `the secret ${secret} is not set`,
          remedy: provider
            ? `List ${provider} under needs, and the stack makes it; or, for one of your own: ${setSecret(stack, secret)}`
            : setSecret(stack, secret),
        },
      ];
    });
  });
}

/** Passwords of the stack's own stores that nobody has set. Not a problem before set-up, which makes them. */
export function checkGenerated(
  stack: string,
  config: Parameters<typeof generatedFor>[0],
  hasSecret: (name: string) => boolean,
): Problem[] {
  const missing = generatedFor(config).filter((name) => !hasSecret(name));
  return missing.map((name) => ({
    path: name,
    message: `the password ${name} is not set`,
    remedy: `npm run setup -- --stack ${stack} makes it; or set one: ${setSecret(stack, name)}`,
  }));
}

/**
 * Secrets that are of no use: empty ones, and passwords of more than one line. A database accepts an empty password and
 * then refuses every login with it. Unused secrets are checked too, and other mistakes don't keep this from working.
 * @param lines names of further secrets that must fit on a line, as in a credentials file
 */
export function checkSecretValues(
  stack: string,
  secrets: Readonly<Record<string, string>>,
  lines: readonly string[] = [],
): Problem[] {
  const single = [...GENERATED, ...lines];
  return Object.entries(secrets).flatMap(([name, value]): Problem[] => {
    const found = flaw(value, single.includes(name));
    if (!found) return [];
    return [{ path: name, message: found, remedy: setSecret(stack, name) }];
  });
}

/** What is wrong with a secret, without the secret. */
function flaw(value: string, single: boolean): string | undefined {
  if (value === "") return "expected a secret, found an empty one";
  if (/^\s+$/.test(value)) return "expected a secret, found nothing but white space";
  if (value.includes("\0")) return "expected text, found a NUL character in it";
  if (single && /[\r\n]/.test(value)) return "expected a secret of one line, found a line break in it";
  return undefined;
}

/** The remedy for a secret that is missing or of no use. */
export function setSecret(stack: string, name: string): string {
  return `npx pulumi config set --secret ${name} --stack ${stack}`;
}
