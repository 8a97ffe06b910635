const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text that is safe as it is. */
class Html {
  constructor(readonly text: string) {}
}

/** Builds HTML from a template; every value in it is escaped, unless it is HTML itself. */
export function html(parts: TemplateStringsArray, ...values: (string | Html)[]): Html {
  const text = parts.reduce((done, part, i) => {
    const value = values[i - 1] ?? "";
    return done + (value instanceof Html ? value.text : escape(value)) + part;
  });
  return new Html(text);
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

export type { Html };
