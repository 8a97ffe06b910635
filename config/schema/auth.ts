import { z } from "zod";
import { variable } from "./fields.ts";

/** Part of a line of Nginx's file of users, and of the credentials that a browser sends (RFC 7617): no colon, no space. */
const user = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}$/, {
  error: "a user name of letters, digits and . _ @ + -, at most 64",
});

/** Who may see something: names and passwords, asked for by the edge (RFC 7617, basic authentication). */
export const auth = z.strictObject({
  users: z
    .record(user, variable)
    .refine((users) => Object.keys(users).length > 0, { error: "at least one user: {ann: ANN_PASSWORD}" })
    .describe("User names, each with the secret that holds its password: {ann: ANN_PASSWORD}"),
});

export type Auth = z.output<typeof auth>;
