import type { Csp, Headers } from "../../../config/schema/headers.ts";

/** What decides the headers of one place of the edge. */
export interface HeaderSettings {
  /** Seconds. */
  hsts: number;
  hstsPreload: boolean;
  /** On top of {@link CSP}. */
  csp: Csp;
  headers: Headers;
  http3: boolean;
}

/** What a route or a subdomain has of its own. */
export interface OwnHeaders {
  /** On top of the site's policy; `false` leaves the header to the application. */
  csp?: Csp | false;
  headers?: Headers;
}

/**
 * The site's policy: everything from the site itself, nothing inline, nothing evaluated; images from any https (E17).
 * Directives that take over from default-src are all named, because default-src is 'none'.
 */
const CSP: Csp = {
  "default-src": ["'none'"],
  "script-src": ["'self'"],
  "style-src": ["'self'"],
  "img-src": ["'self'", "data:", "https:"],
  "font-src": ["'self'", "data:"],
  "connect-src": ["'self'"],
  "manifest-src": ["'self'"],
  "media-src": ["'self'"],
  "worker-src": ["'self'"],
  "form-action": ["'self'"],
  "base-uri": ["'none'"],
  "frame-ancestors": ["'none'"],
};

/** Features that no page asks for; a page that needs one gets a header of its own (w3c.github.io/webappsec-permissions-policy). */
const PERMISSIONS = ["camera", "display-capture", "geolocation", "microphone", "payment", "usb"]
  .map((feature) => `${feature}=()`)
  .join(", ");

/** Headers of every answer, for security (E11–E17) and to find it in the logs, with those of the settings on top; by name, without empty ones. */
export function securityHeaders(settings: HeaderSettings, own: OwnHeaders = {}): Record<string, string> {
  const { hsts, hstsPreload, csp, headers } = settings;
  const policy = own.csp === false ? "" : cspText({ ...CSP, ...csp, ...own.csp });
  const merged = overlay(
    {
      "Strict-Transport-Security": `max-age=${hsts}; includeSubDomains${hstsPreload ? "; preload" : ""}`,
      "Content-Security-Policy": policy,
      "X-Frame-Options": "DENY",
      "X-Content-Type-Options": "nosniff",
      "X-XSS-Protection": "1; mode=block",
      "Referrer-Policy": "strict-origin-when-cross-origin",
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Resource-Policy": "same-origin",
      "Permissions-Policy": PERMISSIONS,
      "Alt-Svc": settings.http3 ? 'h3=":443"; ma=86400' : "",
      // What a visitor can quote: it is in the logs.
      "X-Request-Id": "$request_id",
    },
    headers,
    own.headers ?? {},
  );
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== ""));
}

/** Names of the headers that the edge alone decides: what an application sends under them is removed. */
export function decided(settings: HeaderSettings, own: OwnHeaders = {}): string[] {
  const names = Object.keys(overlay(securityHeaders(settings), settings.headers, own.headers ?? {}));
  return names.filter((name) => own.csp !== false || name !== "Content-Security-Policy").sort();
}

/** What a location of the edge includes about headers: it hides what applications send, and adds its own. */
export function headerFile(settings: HeaderSettings, own: OwnHeaders = {}): string {
  const hidden = [...decided(settings, own), "X-Powered-By"];
  const lines = hidden.map((name) => `proxy_hide_header ${name};\n`).join("");
  return lines + headerLines(securityHeaders(settings, own));
}

/** `add_header` lines; `always`, because an error needs them too (E18). */
export function headerLines(headers: Readonly<Record<string, string>>): string {
  const lines = Object.entries(headers).map(([name, value]) => `add_header ${name} ${quoted(value)} always;`);
  return `${lines.sort().join("\n")}\n`;
}

/** Only the edge's own values have double quotes in them. */
function quoted(value: string): string {
  return value.includes('"') ? `'${value}'` : `"${value}"`;
}

/** A policy as one header value (Content Security Policy Level 3). */
export function cspText(policy: Csp): string {
  return Object.entries(policy)
    .filter(([, sources]) => sources !== false)
    .map(([directive, sources]) => [directive, ...(sources as string[])].join(" "))
    .join("; ");
}

/** Later headers win; names are compared without regard to case (RFC 9110, section 5.1). */
function overlay(...all: Readonly<Record<string, string>>[]): Record<string, string> {
  const byKey = new Map<string, [string, string]>();
  for (const [name, value] of all.flatMap((headers) => Object.entries(headers)))
    byKey.set(name.toLowerCase(), [byKey.get(name.toLowerCase())?.[0] ?? name, value]);
  return Object.fromEntries([...byKey.values()]);
}
