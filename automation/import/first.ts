import { knownKeys } from "../../config/parse.ts";
import { fromIssues } from "../../config/problems.ts";
import { stackSchema } from "../../config/schema/index.ts";
import { compact, nonEmpty } from "./process.ts";
import type { JsonMap } from "./compose/json.ts";
import type { Comments } from "./write.ts";
import { UserError } from "../lib/errors.ts";

/** What a first stack file is made from. */
export interface Answers {
  name: string;
  domain: string;
  address?: string;
  hostKey?: string;
  email?: string;
  app: string;
  /** An image, or a folder with a Dockerfile. */
  image?: string;
  build?: string;
  port: number;
  database: boolean;
  cache: boolean;
}

/**
 * The settings of a stack with one application.
 * @throws UserError naming what the schema refuses
 */
export function firstSettings(answers: Answers): JsonMap {
  const { name, domain, address, hostKey, email, app, image, build, port, database, cache } = answers;
  const needs = [...(database ? ["database"] : []), ...(cache ? ["cache"] : [])];
  const settings = compact({
    name,
    domain,
    server: nonEmpty({ address, hostKey }),
    certificates: nonEmpty({ email }),
    database: database ? undefined : { enabled: false },
    cache: cache ? undefined : { enabled: false },
    apps: {
      [app]: compact({
        image: build === undefined ? image : undefined,
        build,
        port,
        needs: needs.length > 0 ? needs : undefined,
        routes: [{ path: "/" }],
        health: { path: "/" },
        resources: { memory: "512 MB" },
        environment: {},
      }),
    },
  });
  const parsed = stackSchema.safeParse(settings, { reportInput: true });
  const problems = parsed.success ? [] : fromIssues("", parsed.error.issues, knownKeys);
  const wrong = problems.map(({ path, message }) => `  ${path}: ${message}`);
  if (wrong.length > 0)
    throw new UserError(
      `These answers make no stack:\n${wrong.join("\n")}`,
      "Answer again; docs/configuration.md says what each setting takes.",
    );
  return settings;
}

/** What helps at the first look into the file. */
export const FIRST_COMMENTS: Comments = [
  [/^name$/, "Prefix of containers and networks on the server; it can't change while there is data."],
  [/^domain$/, "Its A record has to lead to the server before certificates.email is set."],
  [/^server$/, "Without an address the stack goes to a box: a server in a container on this machine."],
  [/^certificates$/, "Let's Encrypt signs; without this the server's own authority does."],
  [/^database$/, "Postgres is off: take this out, and add database to needs, to have it."],
  [/^cache$/, "Redis is off: take this out, and add cache to needs, to have it."],
  [/^apps\.[^.]+\.image$/, "By tag: the digest is recorded at the first deploy."],
  [/^apps\.[^.]+\.build$/, "A folder with a Dockerfile; npm run deploy builds it again and releases it."],
  [/^apps\.[^.]+\.needs$/, "They give DATABASE_URL and REDIS_URL; docs/data.md says how to shape them."],
  [/^apps\.[^.]+\.routes$/, "What the edge sends here: docs/edge.md."],
  [/^apps\.[^.]+\.health$/, "A new release gets traffic once this path answers 2xx."],
  [
    /^apps\.[^.]+\.environment$/,
    "Plain settings. Secrets: their names under secrets:, their values by npx pulumi config set --secret NAME.",
  ],
];
