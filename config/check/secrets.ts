import type { Problem } from "../problems.ts";
import { GENERATED, generatedFor } from "../secrets.ts";
import { PROVIDERS, SERVICES, type Switches } from "../services.ts";

/** Secrets that applications need and that are not set; also works on settings whose other parts are wrong. */
export function checkSecrets(
  stack: string,
  config: { apps: Record<string, { secrets: string[] }> },
  hasSecret: (name: string) => boolean,
): Problem[] {
  const provided = new Set<string>(PROVIDERS.map((service) => SERVICES[service].provides.variable));
  return Object.entries(config.apps).flatMap(([name, app]) =>
    app.secrets.flatMap((secret, index): Problem[] => {
      const path = `apps.${name}.secrets[${index}]`;
      if (provided.has(secret)) {
        return [
          {
            path,
            message: `${secret} is made by the stack`,
            remedy: `Remove it and list ${PROVIDERS.join(" or ")} under needs.`,
          },
        ];
      }
      if (hasSecret(secret) || (GENERATED as readonly string[]).includes(secret)) return [];
      return [
        {
          path,
          message: `the secret ${secret} is not set`,
          remedy: setSecret(stack, secret),
        },
      ];
    }),
  );
}

/** Passwords of the stack's own stores that nobody has set. Not a problem before set-up, which makes them. */
export function checkGenerated(
  stack: string,
  config: Switches,
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
