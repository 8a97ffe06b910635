import { check, none, skip, type Judge } from "../check.ts";
import { inside } from "../family.ts";
import { output } from "../inside/look.ts";

/** Where secrets were found; names and places only. */
export interface SecretsEvidence {
  found: { kind: string; place: string; what: string }[];
  /** How many places of a kind were looked at. */
  counts: Record<string, number>;
  /** How many values were searched for. */
  secrets: number;
}

/** Names an access key as a user name does; each signed request carries it, and certbot logs the requests (AWS SigV4). */
const IDENTIFIER = "AWS_ACCESS_KEY_ID";

/** Judges one kind of place. */
function noneIn(kind: string): Judge<SecretsEvidence> {
  return ({ found, counts, secrets }, { secretsInEnvironment }) => {
    if (!counts[kind]) return skip("there is none to look at");
    const isAllowed = ({ place, what }: SecretsEvidence["found"][number]): boolean =>
      (kind === "environment" && secretsInEnvironment.some((app) => place.startsWith(`${app}-`))) ||
      (kind === "log" && what === IDENTIFIER);
    const bad = found.filter((one) => one.kind === kind && !isAllowed(one));
    return none(
      bad.map(({ place, what }) => `${what} in ${place}`),
      `${counts[kind]} looked at for ${secrets} secrets and known shapes`,
    );
  };
}

export const secrets = inside<SecretsEvidence>({
  title: "Secrets in the wrong place",
  ask: ({ name }) => ({ found: { search: { secrets: {}, root: `/opt/${name}` } } }),
  read: (answers) => JSON.parse(output(answers, "found")) as SecretsEvidence,
  checks: [
    check({
      id: "secrets.environment",
      title: "No secret in the environment of a container",
      severity: "high",
      requirements: ["S1", "S9"],
      remedy: "Let it arrive as a file (apps.<name>.secretsAs: file).",
      judge: noneIn("environment"),
    }),
    check({
      id: "secrets.labels",
      title: "No secret in a label",
      severity: "high",
      requirements: ["S1", "S9"],
      remedy: "Remove the label.",
      judge: noneIn("label"),
    }),
    check({
      id: "secrets.commands",
      title: "No secret in a container's command or health check",
      severity: "high",
      requirements: ["S1", "S9"],
      remedy: "Read it from a file instead.",
      judge: noneIn("command"),
    }),
    check({
      id: "secrets.arguments",
      title: "No secret in a process's arguments: every user sees them",
      severity: "high",
      requirements: ["S1", "S9"],
      remedy: "Pass it on standard input or as a file.",
      judge: noneIn("arguments"),
    }),
    check({
      id: "secrets.history",
      title: "No secret in a shell's history",
      severity: "medium",
      requirements: ["S1", "S9"],
      remedy: "Delete the line, and change the secret.",
      judge: noneIn("history"),
    }),
    check({
      id: "secrets.open-files",
      title: "No secret in a file that everyone can read",
      severity: "critical",
      requirements: ["S1", "S9"],
      remedy: "chmod 600 the file, or delete it, and change the secret.",
      judge: noneIn("open file"),
    }),
    check({
      id: "secrets.logs",
      title: "No secret in a log",
      severity: "high",
      requirements: ["S1", "S9"],
      remedy: "Correct what logs it, delete the log, and change the secret.",
      judge: noneIn("log"),
    }),
  ],
});
