import { z } from "zod";

const SOURCE =
  /^('(none|self|strict-dynamic|unsafe-inline|unsafe-eval|unsafe-hashes|wasm-unsafe-eval|report-sample)'|'sha(256|384|512)-[A-Za-z0-9+/_-]+={0,2}'|[a-z][a-z0-9+.-]*:|[A-Za-z0-9*][A-Za-z0-9.*:/_~%-]*)$/;

const directive = z.string().regex(/^[a-z]+(-[a-z]+)*$/, { error: "a directive such as script-src" });
const sources = z.array(
  z.string().regex(SOURCE, { error: "a source such as 'self' or https://example.com" }),
);

/**
 * Sources by directive (Content Security Policy Level 3), on top of another policy: `false` removes a directive, and
 * a directive without sources stands alone.
 */
export const csp = z.record(directive, z.union([sources, z.literal(false)]));

/** Response headers by name; they replace the edge's own, and an empty value removes one. */
export const headers = z.record(
  z.string().regex(/^[A-Za-z][A-Za-z0-9-]*$/, { error: "a header's name such as X-Frame-Options" }),
  // Part of Nginx's configuration: no quotes, no backslash, and a dollar would name a variable.
  z
    .string()
    .regex(/^[\x20-\x7e]*$/)
    .regex(/^[^"\\$]*$/, { error: 'text without ", \\ and $' }),
);

export type Csp = z.output<typeof csp>;
export type Headers = z.output<typeof headers>;
