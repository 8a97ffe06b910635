import { none, skip, type Check, type Severity } from "../check.ts";
import { family } from "../family.ts";
import { output } from "../inside/look.ts";

/** Where secrets were found; names and places only. */
export interface SecretsEvidence {
  found: { kind: string; place: string; what: string }[];
  /** How many places of a kind were looked at. */
  counts: Record<string, number>;
  /** How many values were searched for. */
  secrets: number;
}

/** Names an access key as a user name does; each signed request tells it, and certbot's log the request (AWS SigV4). */
const IDENTIFIER = "AWS_ACCESS_KEY_ID";

function place(
  kind: string,
  id: string,
  title: string,
  severity: Severity,
  remedy: string,
): Check<SecretsEvidence> {
  return {
    ...{ id: `secrets.${id}`, title, severity, requirements: ["S1", "S9"], remedy },
    judge: ({ found, counts, secrets }, { secretsInEnvironment }) => {
      const allowed = ({ place: where, what }: { place: string; what: string }): boolean =>
        (kind === "environment" && secretsInEnvironment.some((app) => where.startsWith(`${app}-`))) ||
        (kind === "log" && what === IDENTIFIER);
      const bad = found.filter((one) => one.kind === kind && !allowed(one));
      if (!counts[kind]) return skip("there is none to look at");
      return none(
        bad.map(({ place: where, what }) => `${what} in ${where}`),
        `${counts[kind]} looked at for ${secrets} secrets and known shapes`,
      );
    },
  };
}

export const secrets = family<SecretsEvidence>({
  title: "Secrets in the wrong place",
  source: {
    where: "inside",
    ask: ({ name }) => ({ found: { search: { secrets: {}, root: `/opt/${name}` } } }),
    read: (answers) => JSON.parse(output(answers, "found")) as SecretsEvidence,
  },
  checks: [
    place(
      "environment",
      "environment",
      "No secret in the environment of a container",
      "high",
      "Let it arrive as a file (apps.<name>.secretsAs: file).",
    ),
    place("label", "labels", "No secret in a label", "high", "Remove the label."),
    place(
      "command",
      "commands",
      "No secret in a container's command or health check",
      "high",
      "Read it from a file instead.",
    ),
    place(
      "arguments",
      "arguments",
      "No secret in a process's arguments: every user sees them",
      "high",
      "Pass it on standard input or as a file.",
    ),
    place(
      "history",
      "history",
      "No secret in a shell's history",
      "medium",
      "Delete the line, and change the secret.",
    ),
    place(
      "open file",
      "open-files",
      "No secret in a file that everyone can read",
      "critical",
      "chmod 600 the file, or delete it, and change the secret.",
    ),
    place(
      "log",
      "logs",
      "No secret in a log",
      "high",
      "Correct what logs it, delete the log, and change the secret.",
    ),
  ],
});
