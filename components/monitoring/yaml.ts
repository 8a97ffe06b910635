import { stringify } from "yaml";

const HEAD = "# Written by fairlead; changes here are lost.\n";

/** A file in YAML with long lines left whole and no references within; as for YAML 1.1, in which 22:00 is a number. */
export function yaml(content: object): string {
  return HEAD + stringify(content, { lineWidth: 0, aliasDuplicateObjects: false, version: "1.1" });
}
