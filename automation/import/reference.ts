import type { Outcome } from "./notes.ts";
import { rowOf, TABLE } from "./table.ts";

const WORDS: Readonly<Record<Outcome, string>> = { taken: "yes", different: "differently", not: "no" };

const SECTIONS: readonly (readonly [prefix: string, title: string])[] = [
  ["top", "The whole file"],
  ["service", "A service"],
  ["deploy", "`deploy` of a service"],
  ["build", "`build` of a service"],
  ["healthcheck", "`healthcheck` of a service"],
  ["volume", "A volume"],
  ["secret", "A secret"],
  ["config", "A config"],
  ["kamal", "Kamal's `deploy.yml`"],
  ["kamal-role", "A role of Kamal's `servers`"],
  ["kamal-proxy", "Kamal's `proxy`"],
  ["kamal-env", "Kamal's `env`"],
  ["kamal-builder", "Kamal's `builder`"],
  ["kamal-registry", "Kamal's `registry`"],
  ["kamal-ssh", "Kamal's `ssh`"],
  ["kamal-accessory", "An accessory of Kamal's"],
  ["kamal-option", "Kamal's `options`, of `docker run`"],
  ["kamal-hook", "Kamal's hooks"],
];

const HEAD = `# From Compose and Kamal

Generated from \`automation/import\` by \`npm run generate\`; the tests check that it is current, and that every key of the specification has a row.

\`\`\`sh
npm run import -- docker-compose.yml --domain example.com --address 203.0.113.7
\`\`\`

writes \`Pulumi.prod.yaml\` (\`--stack NAME\` for another; one that is there is not overwritten) and reports what was taken over, what is done differently, what is not, which secrets are set or have to be, and the commands that bring the data over. Several files go over each other as with \`docker compose -f\`; \`docker-compose.override.yml\` is not read unless you name it. \`npm run init\` writes a stack file without one.

\`\`\`sh
npm run import -- config/deploy.yml config/deploy.staging.yml --stack staging
\`\`\`

does the same with Kamal's file, and with a destination's over it.

- A file is checked against the Compose Specification's own schema first ([NOTICE](../automation/import/compose/NOTICE)). Variables are filled in from the shell and from \`.env\` beside the file; anchors, merges, \`extends\`, \`include\`, \`env_file\` and profiles are followed.
- **Services of one image, or of one build, are one application**: the one with a port is its web process, the others are \`processes\`, and one that the others wait for until it has completed is the release command. Services whose variables contradict each other stay apart.
- **Services call each other** by their applications' names; addresses in the environment are rewritten where that name is another.
- **Postgres, Redis and Valkey** become the stack's own. Variables with their address, in a URL or apart, become templates such as \`{{database.url}}\`.
- **Traefik, Caddy, nginx-proxy and an Nginx with a configuration of its own** are replaced by the edge. Host names and paths come from their labels; without any, the first published port answers at the domain, and others get a subdomain.
- **Secrets** are found by their names (\`PASSWORD\`, \`SECRET\`, \`TOKEN\`, \`KEY\` …) and by passwords in URLs. Their values are encrypted in the stack file, and never written in plain text. As Compose does it, they arrive as variables; set \`secretsAs: file\` where the application reads files.
- **Files** that are mounted are copied to \`files/<application>/\` of the project. Folders become volumes.
- **Kamal's file**: the primary role is the application's web process, the other roles its processes. \`<%= ENV["NAME"] %>\` is filled in; no Ruby is run, nor any command of \`.kamal/secrets\` but \`$(cat FILE)\`. The server in it is the old one, from which the report's commands bring the data.
- The stack's Postgres is at least as new as the old one (\`versions.postgres\`), so that it can read its dumps.
- MySQL, MongoDB, RabbitMQ and other stores, Docker's socket, host networking and devices are not taken over.

The last column says \`no\`, too, where this version has no such setting.
`;

/** `docs/import.md`: the conversion, key by key. */
export function importReference(): string {
  const sections = SECTIONS.flatMap(([prefix, title]) => {
    const rows = TABLE.filter(({ key }) => key.startsWith(`${prefix}.`)).map(({ key }) => {
      const { outcome, text } = rowOf(key)!;
      return `| \`${key.slice(prefix.length + 1)}\` | ${WORDS[outcome]} | ${text.replaceAll("|", "\\|")} |`;
    });
    if (rows.length === 0) return [];
    return [`## ${title}`, "", "| key | taken over | as what, or why not |", "|---|---|---|", ...rows, ""];
  });
  return [HEAD, ...sections].join("\n");
}
