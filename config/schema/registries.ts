import { z } from "zod";
import { variable } from "./fields.ts";

const host = z.string().regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/, {
  error: "the host of a registry such as ghcr.io, docker.io or registry.example.com:5000",
});

const login = z.strictObject({
  username: z
    .string()
    .regex(/^[^\s:]+$/, { error: "a user name without blanks and colons" })
    .describe("Who logs in"),
  password: variable.describe("Name of the secret with the password or token"),
});

/** Logins to registries, by host. */
export const registries = z.record(host, login);

export type Registries = z.output<typeof registries>;
