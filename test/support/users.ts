import { execFileSync } from "node:child_process";
import { chmodSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { mapValues } from "../../components/lib/map-values.ts";

const TOOLS = join(__dirname, "..", "..", "assets", "host");
const PROGRAM =
  "import json, sys; from fairlead import edge_users; print(json.dumps(edge_users.apply(json.load(sys.stdin))))";

/**
 * Nginx's files of users, as the host tools make them; who isn't root can't give them to the group of Nginx's workers, and
 * opens them to all.
 * @param files file → user → name of a secret
 * @param passwords by the names of their secrets
 * @returns names of the files that were written
 */
export function writeUsers(
  directory: string,
  files: Readonly<Record<string, Readonly<Record<string, string>>>>,
  passwords: Readonly<Record<string, string>>,
): string[] {
  if (Object.keys(files).length === 0) return [];
  const root = process.getuid!() === 0;
  const group = root ? 101 : process.getgid!();
  const known = mapValues(files, (users) => mapValues(users, (secret) => passwords[secret]!));
  const out = execFileSync("/usr/bin/python3", ["-B", "-c", PROGRAM], {
    cwd: TOOLS,
    input: JSON.stringify({ directory, group, files: known }),
    encoding: "utf8",
  });
  if (!root) {
    chmodSync(directory, 0o755);
    for (const name of readdirSync(directory)) chmodSync(join(directory, name), 0o644);
  }
  return (JSON.parse(out) as { files: string[] }).files;
}
