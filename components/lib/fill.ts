/**
 * Fills `{{name}}` in a template. A value of several lines keeps its line's indentation; a line that holds
 * nothing but an empty value goes.
 * @throws Error when a placeholder has no value or a value no placeholder: a typing mistake must not reach a server.
 */
export function fill(template: string, values: Readonly<Record<string, string | number>>): string {
  const unused = new Set(Object.keys(values));
  const lines = template.split("\n").flatMap((line) => {
    if (!line.includes("{{")) return [line];
    const indentation = /^[ \t]*/.exec(line)![0];
    const filled = line.replace(/\{\{(\w+)\}\}/g, (_, name: string) => {
      const value = values[name];
      if (value === undefined) throw new Error(`the template has no value for {{${name}}}`);
      unused.delete(name);
      return String(value)
        .trimEnd()
        .replaceAll(/\n(?=[^\n])/g, `\n${indentation}`);
    });
    return filled.trim() === "" ? [] : [filled];
  });
  if (unused.size > 0) throw new Error(`the template has no place for ${[...unused].join(", ")}`);
  return lines.join("\n");
}
