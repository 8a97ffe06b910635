import type { Exception } from "../about.ts";
import { FAMILIES } from "../registry.ts";

/**
 * `docs/audit.md`: how to run the audit, and every check, from the list of checks.
 * @param exceptions of this project's stacks, their containers as the page names them
 */
export function auditReference(exceptions: readonly Exception[]): string {
  const count = FAMILIES.flatMap(({ checks }) => checks).length;
  return [
    "# Audit",
    "",
    `Generated from \`audit/\` by \`npm run generate\`; the tests check that it is current. ${count} checks look at a server from outside, by connecting as a visitor or an attacker does, and from inside, over the SSH command that the stack prints.`,
    "",
    "```sh",
    ...USAGE,
    "```",
    "",
    ...ABOUT,
    "",
    ...FAMILIES.flatMap((family) => [
      `## ${family.title}`,
      "",
      family.where === "inside" ? "From inside." : `From outside${family.intrusive ? ", intrusive" : ""}.`,
      "",
      "| id | severity | passes when | requirement | when it fails |",
      "|---|---|---|---|---|",
      ...family.checks.map((one) =>
        row([`\`${one.id}\``, one.severity, one.title, one.requirements.join(", "), one.remedy]),
      ),
      "",
    ]),
    "## What differs by design",
    "",
    "| check | container | what may be found | why |",
    "|---|---|---|---|",
    ...exceptions.map(({ check, container, allowed, why }) =>
      row([`\`${check}\``, container ? `\`${container}\`` : "all", allowed?.join(", ") ?? "anything", why]),
    ),
    "",
  ].join("\n");
}

const row = (cells: string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replace(/(?<!`)<(name|unit|app)>/g, "`<$1>`")).join(" | ")} |`;

const USAGE = [
  "npm run audit -- --stack prod                        # every check, as a table",
  "npm run audit -- --stack prod --html report.html     # and as a page of its own",
  "npm run audit -- --stack prod --only tls,docker.5.4  # some of them",
  "npm run audit -- --stack prod --json --fail-on high  # for a pipeline",
  "npm run audit -- --url https://example.com/ --ssh 'ssh root@203.0.113.7'   # a server that is no stack",
];

const ABOUT = [
  "A check **passes**, **fails**, **could not be checked** (a program is missing, the server doesn't answer: never a pass), **doesn't apply**, with the reason, or fails and **is accepted**.",
  "",
  "| exit code | meaning |",
  "|---|---|",
  "| 0 | every check at or above `--fail-on` (default `medium`) passes, doesn't apply or is accepted |",
  "| 1 | one of them fails |",
  "| 2 | none fails, but one could not be checked; or the audit could not run at all |",
  "",
  "The score is the share of passed checks by weight (critical 10, high 6, medium 3, low 1; what could not be checked counts half), and the worst failure bounds it: critical 40, high 70, medium 89, low 99.",
  "",
  "What a stack accepts stands in its file, each check with a reason, which every report shows. An accepted failure counts for neither the score nor the exit code; what could not be checked can't be accepted, and neither can a group of checks. A check that passes again is reported as no longer needing its entry.",
  "",
  "```yaml",
  "  fairlead:audit:",
  "    accept:",
  "      certificate.public: an internal site; its users have the stack's certificate",
  "```",
  "",
  "A stack's audit uses the figures of its file: ports, limits of requests, the largest body, swap, proxies, containers, the timer that renews the certificate. The containers' exceptions come from the table of services (`config/services.ts`).",
  "",
  "From inside, the audit only reads: one script of the host tools (`assets/host/fairlead/look.py`) gets all questions in one connection. To find secrets in the wrong place it gets their values on standard input, compares on the server, and answers with names and places only. Lynis, where it is installed, writes its own report to `/var/log`.",
  "",
  "Two groups are **intrusive**: the scan of all 65,535 TCP ports, and the burst of requests that must end in 429: a few more than the stack's limit allows, or at most 400 where none is known. They run last, and `--skip-intrusive` leaves them out. For a box the scan goes to its own address on this machine's Docker network: the stack file chooses its ports on the loopback.",
  "",
  "TLS is probed with hand-written hellos, because today's TLS libraries refuse to offer what a server must refuse to take. The grade follows SSL Labs' rating guide, the header score MDN's HTTP Observatory (without asking the HSTS preload list), the container checks section 5 of the CIS Docker Benchmark 1.6.0.",
];
