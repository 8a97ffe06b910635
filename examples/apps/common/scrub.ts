/** What stands in the place of a secret. */
export const HIDDEN = "[secret]";

/** Shorter texts would match by chance all over a line. */
const SHORTEST = 4;

/** The user and password of any URL, also of one that was never configured here. */
const USERINFO = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s"'@/]+@/gi;

/**
 * Builds a function that hides these secrets in a text, in the forms in which they can turn up: as given,
 * escaped for JSON, and percent-encoded.
 */
export function scrubber(secrets: string[]): (text: string) => string {
  const forms = secrets
    .filter((secret) => secret.length >= SHORTEST)
    .flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]);
  // The longest first: a whole URL must go before the password inside it.
  const ordered = [...new Set(forms)].sort((a, b) => b.length - a.length);
  return (text) =>
    ordered
      .reduce((line, secret) => line.replaceAll(secret, HIDDEN), text)
      .replace(USERINFO, (_, scheme: string) => `${scheme}${HIDDEN}@`);
}
