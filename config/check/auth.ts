import { namedPlaces } from "../places.ts";
import type { Problem } from "../problems.ts";
import type { Auth } from "../schema/auth.ts";
import type { StackConfig } from "../schema/index.ts";
import { setSecret } from "./secrets.ts";

/** Bytes of the longest password that every `crypt` takes (musl: KEY_MAX). */
const LONGEST = 255;

/** A group of users, and where the stack file has it. */
interface Declared {
  path: string;
  auth: Auth;
}

/** Secrets that hold passwords of visitors. */
export function visitorPasswords(config: StackConfig): string[] {
  return declared(config).flatMap(({ auth }) => Object.values(auth.users));
}

/** Passwords of visitors that aren't set, can't be asked for, or could be passed by. */
export function checkAuth(
  stack: string,
  config: StackConfig,
  secrets: Readonly<Record<string, string>>,
): Problem[] {
  const redirects = namedPlaces(config).flatMap(({ path, settings: { auth, redirect } }): Problem[] => {
    if (!auth || redirect === undefined) return [];
    const message = "a redirect asks nobody for a password";
    return [{ path: `${path}.auth`, message, remedy: "Remove one of the two." }];
  });
  const passwords = declared(config).flatMap(({ path, auth }) =>
    Object.entries(auth.users).flatMap(([user, secret]): Problem[] => {
      const message = flaw(secret, secrets[secret]);
      if (message === undefined) return [];
      return [{ path: `${path}.users.${user}`, message, remedy: setSecret(stack, secret) }];
    }),
  );
  return [...redirects, ...passwords, ...checkOpened(config), ...checkPast(config)];
}

/** `false` opens a route of a subdomain or site with a password; anywhere else it would seem to. */
function checkOpened(config: StackConfig): Problem[] {
  const remedy = "Remove it.";
  const own = Object.entries(config.apps).flatMap(([name, { routes }]) =>
    routes.flatMap(({ auth }, index): Problem[] => {
      if (auth !== false) return [];
      const message = "false opens a route of a subdomain or site that has auth; the stack's domain has none";
      return [{ path: `apps.${name}.routes[${index}].auth`, message, remedy }];
    }),
  );
  const placed = namedPlaces(config).flatMap(({ path, settings }) =>
    settings.routes.flatMap(({ auth }, index): Problem[] => {
      if (auth !== false || settings.auth) return [];
      const message = `false opens a route where ${path} has auth, and it has none`;
      return [{ path: `${path}.routes[${index}].auth`, message, remedy: `${remedy} Or set ${path}.auth.` }];
    }),
  );
  return [...own, ...placed];
}

/**
 * A name that leads to a whole application knows no routes of it, so it would lead past their passwords, which a password of
 * its own makes up for, and past the addresses that they allow.
 */
function checkPast(config: StackConfig): Problem[] {
  return namedPlaces(config).flatMap(({ path, settings: { app, auth } }): Problem[] => {
    if (app === undefined) return [];
    const found = (config.apps[app]?.routes ?? []).map((route, index) => ({
      route,
      at: `apps.${app}.routes[${index}]`,
    }));
    const asked = auth ? undefined : found.find(({ route }) => Boolean(route.auth));
    const few = found.find(({ route }) => route.allow.length > 0);
    const problems: Problem[] = [];
    if (asked)
      problems.push({
        path: `${path}.app`,
        message: `everybody would see ${asked.route.path} of ${app} there, for which ${asked.at} asks for a password`,
        remedy: `Set ${path}.auth, or give it routes in place of app, each with what it needs.`,
      });
    if (few)
      problems.push({
        path: `${path}.app`,
        message: `any address could ask for ${few.route.path} of ${app} there, which ${few.at}.allow keeps for some`,
        remedy: `Give it routes in place of app, each with what it needs: [{path: ${few.route.path}, app: ${app}, allow: [${few.route.allow.join(", ")}]}].`,
      });
    return problems;
  });
}

/** What is wrong with a password, without the password. */
function flaw(name: string, value: string | undefined): string | undefined {
  if (value === undefined) return `the secret ${name} is not set`;
  const bytes = Buffer.byteLength(value);
  return bytes > LONGEST
    ? `expected a password of at most ${LONGEST} bytes in ${name}, found ${bytes}`
    : undefined;
}

/** As the stack file has them: a subdomain's is one, however many routes it counts for. */
function declared(config: StackConfig): Declared[] {
  const found = (path: string, auth: Auth | false | undefined): Declared[] => (auth ? [{ path, auth }] : []);
  const own = Object.entries(config.apps).flatMap(([name, { routes }]) =>
    routes.flatMap(({ auth }, index) => found(`apps.${name}.routes[${index}].auth`, auth)),
  );
  const placed = namedPlaces(config).flatMap(({ path, settings: { auth, routes } }) => [
    ...found(`${path}.auth`, auth),
    ...routes.flatMap((route, index) => found(`${path}.routes[${index}].auth`, route.auth)),
  ]);
  return [...own, ...placed];
}
