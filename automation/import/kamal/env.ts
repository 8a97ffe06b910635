import { asList, asMap, asPairs, asText, type Json, type JsonMap } from "../compose/json.ts";
import { unknownSecret } from "./secrets.ts";

/** Variables of a role or accessory; secrets by the name that they have in the files of secrets. */
export interface Env {
  environment: Record<string, string>;
  secrets: Record<string, string>;
}

/** @param tags those of the host, from the whole file's environment */
export function envOf(
  groups: readonly (Json | undefined)[],
  tags: readonly string[],
  known: Readonly<Record<string, string>>,
): Env {
  const tagged = groups.flatMap((group) => tags.map((tag) => asMap(asMap(group).tags)[tag]));
  const result: Env = { environment: {}, secrets: {} };
  for (const group of [...groups, ...tagged].map(asMap)) {
    for (const [name, value] of Object.entries(asPairs(clearOf(group)))) {
      result.environment[name] = value ?? "";
      delete result.secrets[name];
    }
    for (const row of asList(group.secret).map((one) => asText(one) ?? "")) {
      const [name = "", secret = name] = row.split(":");
      result.environment[name] = known[secret] ?? unknownSecret(secret);
      result.secrets[name] = secret;
    }
  }
  return result;
}

/** Without `clear`, `secret` and `tags` the group itself has the variables. */
function clearOf(group: JsonMap): Json | undefined {
  return "clear" in group || "secret" in group || "tags" in group ? group.clear : group;
}
