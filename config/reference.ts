import { stringify } from "yaml";
import { settingsSchema, type SchemaNode } from "./json-schema.ts";
import { GENERATED, PLATFORM } from "./secrets.ts";

interface Row {
  path: string;
  node: SchemaNode;
  required: boolean;
}

/** `docs/configuration.md`: every setting with type, default and meaning, from the schema alone. */
export function configurationReference(project: string): string {
  const schema = settingsSchema();
  const sections = Object.entries(schema.properties ?? {}).map(([key, node]) =>
    section(project, key, node, schema.required?.includes(key) ?? false),
  );
  return `${[
    "# Configuration",
    "",
    `Generated from \`config/schema\` by \`npm run generate\`; the tests check that it is current. Settings stand in \`Pulumi.<stack>.yaml\` under \`config:\`, each with the prefix \`${project}:\`. Sizes are written as \`"512 MB"\` (powers of 1024), durations as \`"30 s"\`. An unknown setting or a bad value stops the update before anything changes; the error says where it is, what was found, what is expected and what to do. Ids such as E23 are those of [requirements.md](requirements.md).`,
    "",
    "## Secrets",
    "",
    "Secrets have upper-case names and are set with `pulumi config set --secret NAME` (the value is asked for, or read from standard input), then take effect with the next `pulumi up`.",
    "",
    `- ${GENERATED.map((name) => `\`${name}\``).join(", ")}: made by \`npm run setup\` unless you set them.`,
    `- ${PLATFORM.map((name) => `\`${name}\``).join(", ")}: key for a rented server; without it the SSH agent is asked.`,
    "- what an application lists under `apps.<name>.secrets`.",
    "- passwords of visitors, which `auth.users` of routes, subdomains and sites name.",
    "",
    "An empty secret, or one of nothing but white space, is refused: remove an optional secret from the list instead. Passwords and the secrets of a DNS plugin are one line; others may have several, as a key in PEM form has.",
    "",
    ...sections,
  ].join("\n")}\n`;
}

function section(project: string, key: string, node: SchemaNode, required: boolean): string {
  const rows = collect(key, node, required);
  const table = rows.map(
    ({ path, node: one, required: must }) =>
      `| \`${path}\` | ${cell(type(one))} | ${cell(preset(one, must))} | ${cell(one.description ?? "")} |`,
  );
  const head = ["| setting | type | default | meaning |", "|---|---|---|---|"];
  const examples = (node.examples ?? []).flatMap((example) => [
    "```yaml",
    stringify({ config: { [`${project}:${key}`]: example } }, { lineWidth: 0 }).trimEnd(),
    "```",
    "",
  ]);
  return [`## ${key}`, "", ...head, ...table, "", ...examples].join("\n");
}

/** The settings of a group, depth first; `<name>` stands for a name of the user's choice, `[]` for an entry of a list. */
function collect(path: string, node: SchemaNode, required: boolean): Row[] {
  const inner =
    node.items ?? (typeof node.additionalProperties === "object" ? node.additionalProperties : undefined);
  const below = node.items ? `${path}[]` : `${path}.<name>`;
  const nested = inner ? collect(below, inner, false).slice(1) : [];
  const own = Object.entries(node.properties ?? {}).flatMap(([key, child]) =>
    collect(`${path}.${key}`, child, node.required?.includes(key) ?? false),
  );
  return [{ path, node, required }, ...own, ...nested];
}

function type(node: SchemaNode): string {
  if (node.enum) return node.enum.join(", ");
  if (node.anyOf) return node.anyOf.map(type).join(" or ");
  if (node.items) return `list of ${type(node.items)}`;
  if (node.properties) return "group";
  if (typeof node.additionalProperties === "object") {
    const inner = node.additionalProperties.properties ? "settings" : type(node.additionalProperties);
    return `names with ${inner.includes(" or ") ? `(${inner})` : inner}`;
  }
  if (node.minimum !== undefined && node.maximum !== undefined && node.maximum < 1e9)
    return `${node.type} ${node.minimum}–${node.maximum}`;
  return node.type ?? "text";
}

function preset(node: SchemaNode, required: boolean): string {
  if (required) return "required";
  if (node.properties || node.default === undefined) return "";
  return `\`${JSON.stringify(node.default)}\``;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
