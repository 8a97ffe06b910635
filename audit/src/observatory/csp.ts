/** What the MDN HTTP Observatory calls the outcome of a policy. */
export type CspOutcome =
  | "no-unsafe-default-none"
  | "no-unsafe"
  | "unsafe-style"
  | "insecure-passive"
  | "unsafe-eval"
  | "unsafe-inline"
  | "insecure-active"
  | "invalid"
  | "missing";

const BROAD = ["ftp:", "http:", "https:", "*", "http://*", "http://*.*", "https://*", "https://*.*"];
const INLINE = ["'unsafe-inline'", "data:"];
const PASSIVE = ["img-src", "media-src"];

/** Directives of one policy: name → sources in lower case; the first of a name counts (CSP Level 3, 2.2.1). */
export function parseCsp(text: string): Map<string, string[]> {
  const directives = new Map<string, string[]>();
  for (const part of text.split(";")) {
    const [name, ...sources] = part.trim().split(/\s+/).filter(Boolean);
    if (name && !directives.has(name.toLowerCase()))
      directives.set(
        name.toLowerCase(),
        sources.map((source) => source.toLowerCase()),
      );
  }
  return directives;
}

/** The outcome of a policy on an HTTPS site, in the order in which the Observatory looks. */
export function cspOutcome(header: string | undefined): CspOutcome {
  const csp = parseCsp(header ?? "");
  if (csp.size === 0) return "missing";
  const fetched = (name: string): string[] => csp.get(name) ?? csp.get("default-src") ?? ["*"];
  const [objects, styles] = [fetched("object-src"), withoutMoot(fetched("style-src"))];
  const strict = fetched("script-src").includes("'strict-dynamic'");
  if (strict && !fetched("script-src").some(isNonce)) return "invalid";
  const scripts = withoutMoot(fetched("script-src")).filter((source) => !strict || !isOverruled(source));
  const active = [...csp]
    .filter(([name]) => ![...PASSIVE, "script-src"].includes(name))
    .flatMap(([, sources]) => sources);
  const passive = PASSIVE.flatMap((name) => csp.get(name) ?? csp.get("default-src") ?? []);
  if (has(scripts, [...BROAD, ...INLINE]) || has(objects, BROAD)) return "unsafe-inline";
  if ([...active, ...scripts].some(isInsecure)) return "insecure-active";
  if ([...scripts, ...styles].includes("'unsafe-eval'")) return "unsafe-eval";
  if (passive.some(isInsecure)) return "insecure-passive";
  if (has(styles, [...BROAD, ...INLINE])) return "unsafe-style";
  return csp.get("default-src")?.join(" ") === "'none'" ? "no-unsafe-default-none" : "no-unsafe";
}

const has = (sources: string[], bad: string[]): boolean => sources.some((source) => bad.includes(source));
const isInsecure = (source: string): boolean => source.startsWith("http:") || source.startsWith("ftp:");
const isNonce = (source: string): boolean => /^'(sha(256|384|512)|nonce)-/.test(source);
/** With a nonce or hash, browsers ignore `'unsafe-inline'`. */
const withoutMoot = (sources: string[]): string[] =>
  sources.some(isNonce) ? sources.filter((source) => source !== "'unsafe-inline'") : sources;
/** With `'strict-dynamic'`, browsers ignore hosts and schemes. */
const isOverruled = (source: string): boolean =>
  ["'self'", "'unsafe-inline'"].includes(source) || BROAD.some((broad) => source.startsWith(broad));
