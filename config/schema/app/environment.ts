import { z } from "zod";

/** The name of a variable in a container: what a shell, Ghost (`database__client`) and Elasticsearch (`discovery.type`) take. */
export const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, { error: "a name such as LOG_LEVEL" });

const value = z
  .union([z.string(), z.boolean(), z.int()], { error: "a text, in quotes" })
  .transform((given) => String(given));

/** Settings of an application, as variables. */
export const environment = z
  .record(variableName, value)
  .default({})
  .describe(
    "Settings, as environment variables. {{domain}}, {{url.shop}} (the address of the subdomain shop), {{database.url}} and others stand for values of the stack; one with a password in it becomes a secret and arrives as secretsAs says ([data.md](data.md#values-that-name-others))",
  );
