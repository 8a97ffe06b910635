import { setSecret } from "../../config/check/secrets.ts";
import type { Conversion } from "./convert.ts";
import type { Note, Outcome } from "./notes.ts";

const TITLES: readonly (readonly [Outcome, string])[] = [
  ["not", "Not taken over"],
  ["different", "Done differently"],
  ["taken", "Taken over"],
];

/** What a person has to know after an import, the most urgent last: what is left to do. */
export function report(
  stack: string,
  source: string,
  { notes, secrets, moves, where, files, lacking }: Conversion,
): string {
  const parts = TITLES.map(([outcome, title]) =>
    section(
      title,
      notes.filter((note) => note.outcome === outcome),
    ),
  ).reverse();
  const copied = files.map(({ place }) => `  ${place}`);
  const known = Object.keys(secrets.known()).sort();
  const missing = secrets.missing().sort();
  return [
    `Pulumi.${stack}.yaml is made from ${source}.`,
    ...parts,
    ...block("Files that were copied into the project", copied),
    ...block(
      "Secrets that are set, encrypted",
      known.map((name) => `  ${name}`),
    ),
    ...block(
      "Secrets to set",
      missing.map((name) => `  ${setSecret(stack, name)}`),
    ),
    ...block(
      "Settings to write or correct by hand",
      lacking.map((row) => `  ${row}`),
    ),
    ...block(
      "Data of the old stack, once the new one is up",
      moves.length === 0
        ? []
        : [
            `  ${where}`,
            ...moves.flatMap(({ what, commands, note }) => [
              `  ${what}. ${note}`,
              ...commands.map((line) => `    ${line}`),
            ]),
          ],
    ),
    "",
    `Next: look through Pulumi.${stack}.yaml, then npm run up -- --stack ${stack}`,
  ].join("\n");
}

function block(title: string, rows: readonly string[]): string[] {
  return rows.length === 0 ? [] : ["", `${title}:`, ...rows];
}

/** Notes by what they say: many services have the same keys. */
function section(title: string, notes: readonly Note[]): string {
  if (notes.length === 0) return "";
  const byText = new Map<string, string[]>();
  for (const { service, key, text } of notes)
    byText.set(text, [...(byText.get(text) ?? []), service === undefined ? key : `${service}.${key}`]);
  const rows = [...byText].map(([text, keys]) => `  ${keys.join(", ")}\n      ${text}`);
  return `\n${title}:\n${rows.join("\n")}`;
}
