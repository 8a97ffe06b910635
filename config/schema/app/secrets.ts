import { z } from "zod";
import { variable } from "../fields.ts";
import { variableName } from "./environment.ts";

/** The stack's secrets that an application gets: by their own names, or each under a name of the application's. */
export const secrets = z
  .union([z.array(variable), z.record(variableName, variable)], {
    error: "a list of names such as API_KEY, or names with names: {ADMIN_PASSWORD: CMS_ADMIN_PASSWORD}",
  })
  .default([])
  .describe(
    "Secrets that it needs (pulumi config set --secret NAME): a list of names, or {NAME IN THE APPLICATION: NAME OF THE SECRET}",
  );

/** A secret of an application. */
export interface AppSecret {
  /** Variable, or name of its file. */
  variable: string;
  /** Name in the stack's configuration. */
  secret: string;
  /** Where the stack file says so, below the application. */
  path: string;
}

/** The secrets of an application, in the order of the stack file. */
export function secretsOf(given: z.output<typeof secrets>): AppSecret[] {
  if (Array.isArray(given))
    return given.map((secret, index) => ({ variable: secret, secret, path: `secrets[${index}]` }));
  return Object.entries(given).map(([name, secret]) => ({ variable: name, secret, path: `secrets.${name}` }));
}
