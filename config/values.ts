/** A piece of a value of `environment`: text as it is, or the name of something else in the stack. */
export type Piece = { text: string } | { name: string };

/** `$${` and `{{{{` stand for `${` and `{{` themselves; `{{ name }}` is a name. */
const SPECIAL = /\$\$\{|\{\{\{\{|\{\{([^{}]*)\}\}/g;

/** A reference to a variable as a shell and compose spell it, which nobody here fills in. */
const SHELL = /(?<!\$)\$\{[A-Za-z_]\w*(?:[:?+-][^}]*)?\}/;

/** Reads `{{name}}` in a value. */
export function pieces(value: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of value.matchAll(SPECIAL)) {
    found.push({ text: value.slice(end, match.index) });
    const [whole, name] = match;
    found.push(name === undefined ? { text: whole === "$${" ? "${" : "{{" } : { name: name.trim() });
    end = match.index + whole.length;
  }
  found.push({ text: value.slice(end) });
  return found.filter((piece) => "name" in piece || piece.text !== "");
}

/** The names in a value. */
export function namesIn(value: string): string[] {
  return pieces(value).flatMap((piece) => ("name" in piece ? piece.name : []));
}

/** Whether braces of a name are opened and not closed. */
export function isUnclosed(value: string): boolean {
  return value.replace(SPECIAL, "").includes("{{");
}

/** A `${VAR}` that was left in a value, if any. */
export function leftOver(value: string): string | undefined {
  return SHELL.exec(value)?.[0];
}
