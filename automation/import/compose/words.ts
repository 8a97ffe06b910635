/** The words of a command line as a shell separates them, without running one: quotes and backslashes (POSIX, 2.2). */
export function words(line: string): string[] {
  const result: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line[at]!;
    if (quote === "'" || (quote === '"' && character !== '"' && character !== "\\")) {
      if (character === quote) quote = "";
      else word = (word ?? "") + character;
    } else if (character === "\\" && at + 1 < line.length) {
      const next = line[++at]!;
      // Inside double quotes a backslash only escapes what would be special there.
      word = (word ?? "") + (quote === '"' && !'"\\$`'.includes(next) ? `\\${next}` : next);
    } else if (character === quote) quote = "";
    else if (character === "'" || character === '"') {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== undefined) result.push(word);
      word = undefined;
    } else word = (word ?? "") + character;
  }
  if (word !== undefined) result.push(word);
  return result;
}
