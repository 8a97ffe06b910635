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

/** Passwords of visitors that aren't set or can't be asked for, and users of what nobody is asked at. */
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
  return [...redirects, ...passwords];
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
