/** Longest answer that is a keyword as a whole, such as `ok`. */
const WHOLE = 32;

/**
 * A text that only a healthy answer has, found in one: what an application calls its state. Nothing where that can't be told, as
 * in pages for people, which change.
 */
export function keywordOf(body: string): string | undefined {
  const text = body.trim();
  const state = stateOf(text);
  if (state === undefined) return /^\w[\w .!-]*$/.test(text) && text.length <= WHOLE ? text : undefined;
  const found = new RegExp(`"status"\\s*:\\s*${JSON.stringify(state).replaceAll(/[^\w"]/g, "\\$&")}`);
  const at = found.exec(text);
  if (!at) return undefined;
  // A part of it may be well while the whole isn't: then its place tells them apart.
  if (text.split(at[0]).length === 2) return at[0];
  return /^\{\s*$/.test(text.slice(0, at.index)) ? text.slice(0, at.index) + at[0] : undefined;
}

/** `status` of an answer in JSON, as health endpoints have it (M35, A12). */
function stateOf(text: string): string | undefined {
  try {
    const { status } = JSON.parse(text) as { status?: unknown };
    return typeof status === "string" ? status : undefined;
  } catch {
    return undefined;
  }
}
