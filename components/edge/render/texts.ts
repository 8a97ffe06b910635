import type { SecurityTxt } from "../../../config/schema/security-txt.ts";
import { asset } from "../../lib/assets.ts";
import type { Site } from "../site.ts";
import { fill } from "../../lib/fill.ts";

/** Small texts that the edge itself serves: path → file below `texts/`. */
const PATHS: Record<string, string> = {
  "/robots.txt": "robots.txt",
  "/.well-known/security.txt": "security.txt",
};

/** Text files below the configuration's folder. */
export function textFiles({ domain, edge }: Site): Record<string, string> {
  const files: Record<string, string> = {};
  if (edge.robots === "disallow") files["texts/robots.txt"] = "User-agent: *\nDisallow: /\n";
  if (edge.securityTxt) files["texts/security.txt"] = securityText(domain, edge.securityTxt);
  return files;
}

/** A location of one path that the edge answers itself. */
export interface OwnAnswer {
  path: string;
  text: string;
}

/** The locations that serve the text files. */
export function textLocations(site: Site): OwnAnswer[] {
  const files = textFiles(site);
  return Object.entries(PATHS)
    .filter(([, file]) => `texts/${file}` in files)
    .map(([path, file]) => ({ path, text: fill(asset("edge/text.conf"), { path, file }) }));
}

/** RFC 9116, section 2.5: one field a line. */
function securityText(domain: string, settings: SecurityTxt): string {
  const { contact, expires, languages, policy, encryption } = settings;
  const lines = [
    ...contact.map((uri) => `Contact: ${uri}`),
    `Expires: ${expires}`,
    ...(encryption ? [`Encryption: ${encryption}`] : []),
    ...(languages.length > 0 ? [`Preferred-Languages: ${languages.join(", ")}`] : []),
    `Canonical: https://${domain}/.well-known/security.txt`,
    ...(policy ? [`Policy: ${policy}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
