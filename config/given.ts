import type { App } from "./schema/app/index.ts";
import { secretsOf } from "./schema/app/secrets.ts";
import { PROVIDERS, SERVICES, type Provider } from "./services.ts";

/** What each service gives an application, in addition to its URL: names of values that need no secret, and of those that do. */
const PARTS: Readonly<Record<Provider, readonly string[]>> = {
  database: ["url", "host", "port", "name", "user", "password"],
  cache: ["url", "host", "port", "user", "password"],
};

/** Values of the stack and of the application itself. */
export const PLAIN = ["domain", "url", "name", "app"] as const;

/** The services of the stack that an application uses. */
export function providersOf({ needs }: Pick<App, "needs">): Provider[] {
  return PROVIDERS.filter((name) => needs.includes(name));
}

/** Variables that the stack makes for an application. */
export function madeFor(app: Pick<App, "needs">): string[] {
  return providersOf(app).map((name) => SERVICES[name].provides.variable);
}

/** Every name that a value of an application may hold as `{{name}}`. */
export function namesFor(app: Pick<App, "needs" | "secrets">): string[] {
  const services = providersOf(app).flatMap((name) => PARTS[name].map((part) => `${name}.${part}`));
  const secrets = secretsOf(app.secrets).map(({ variable }) => `secrets.${variable}`);
  return [...PLAIN, ...services, ...secrets];
}

/** Whether a name's value is a secret, and so everything that it is part of. */
export function isSecretName(name: string): boolean {
  return name.startsWith("secrets.") || /^(database|databases\..+|cache)\.(url|password)$/.test(name);
}
