import { registryOf } from "../../config/images.ts";
import type { Parsed } from "../../config/parse.ts";

/** Who logs in to a registry. */
export interface Login {
  username: string;
  /** Never in an argument, a log or an error. */
  password: string;
}

/** The login of a stack for a reference's registry; `undefined` where `registries` names none. */
export function loginFor(
  reference: string,
  { config, secrets }: Pick<Parsed, "config" | "secrets">,
): Login | undefined {
  const login = config.registries[registryOf(reference)];
  const password = login && secrets[login.password];
  return login && password !== undefined ? { username: login.username, password } : undefined;
}
