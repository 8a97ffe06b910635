/** Kinds of changes that the end of an update or preview counts, such as `2 updated`; none when it left all as it was. */
export function changesIn(stdout: string): string[] {
  const resources = /^Resources:\n((?: .*\n?)*)/m.exec(stdout)?.[1];
  if (resources === undefined) throw new Error(`no update that ended:\n${stdout}`);
  const lines = resources.split("\n").map((line) => line.replace(/^[\s+~-]+/, ""));
  const unchanged = lines.filter((line) => /^(\d+ changes?\. )?[1-9]\d* unchanged$/.test(line));
  if (unchanged.length !== 1) throw new Error(`nothing was looked at:\n${resources}`);
  return lines.filter((line) => line !== "" && !unchanged.includes(line));
}
