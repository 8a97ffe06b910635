import { createHash } from "node:crypto";
import { asset } from "../../lib/assets.ts";
import { cspText, headerLines, securityHeaders, type HeaderSettings } from "./headers.ts";
import { PAGES } from "./pages.ts";
import { fill } from "../../lib/fill.ts";

/** Statuses that have a page. */
const STATUSES = Object.keys(PAGES).filter((name) => /^\d+$/.test(name));

/**
 * Statuses that only Nginx has, and the standard status whose page is shown instead: headers that are too large, a
 * missing client certificate, or plain HTTP on a port for TLS (ngx_http_request.h).
 */
const INTERNAL: Record<string, string> = { 494: "431", 495: "400", 496: "400", 497: "400" };

/** `error_page` lines for every error that Nginx makes, wherever it finds one. */
export function errorPages(): string {
  const own = STATUSES.map((status) => `error_page ${status} ${page(status)};`);
  const other = Object.entries(INTERNAL).map(
    ([code, status]) => `error_page ${code} =${status} ${page(status)};`,
  );
  return [...own, ...other].join("\n");
}

const page = (status: string): string => `/__edge/errors/${status}.$error_format`;

/** Error pages as files below the configuration's folder: HTML for people, JSON for programs. */
export function errorFiles(settings: HeaderSettings): Record<string, string> {
  const style = asset("edge/error.css").trim();
  const pages = Object.entries(PAGES).flatMap(([name, [title, text]]) => {
    const status = name === "maintenance" ? 503 : Number(name);
    const html = fill(asset("edge/error.html"), { status, title, text, style });
    return [
      [`errors/${name}.html`, html],
      [`errors/${name}.json`, `${JSON.stringify({ status, error: title, message: text })}\n`],
    ];
  });
  const files = Object.fromEntries(pages) as Record<string, string>;
  const [, shown] = /<style>([^]*)<\/style>/.exec(files["errors/404.html"]!)!;
  const headers = errorHeaders(settings, shown!);
  // Over plain HTTP the header must not be sent (RFC 6797, section 7.2).
  const plain = Object.entries(headers).filter(
    ([name]) => name.toLowerCase() !== "strict-transport-security",
  );
  return {
    ...files,
    "headers-error.conf": headerLines(headers),
    "headers-error-plain.conf": headerLines(Object.fromEntries(plain)),
    "errors.conf": locations("headers-error.conf"),
    "errors-plain.conf": locations("headers-error-plain.conf"),
  };
}

/** The locations of the pages, also for errors that the switch finds: one path for each status. */
function locations(headers: string): string {
  const statuses = STATUSES.map((status) => fill(asset("edge/error.conf"), { status })).join("");
  return fill(asset("edge/errors.conf"), { headers, statuses });
}

/** The pages load nothing; their only style is allowed by its hash. They are not cached. */
function errorHeaders(settings: HeaderSettings, style: string): Record<string, string> {
  const hash = createHash("sha256").update(style).digest("base64");
  const headers = {
    "Content-Security-Policy": cspText({
      "default-src": ["'none'"],
      "style-src": [`'sha256-${hash}'`],
      "base-uri": ["'none'"],
      "form-action": ["'none'"],
      "frame-ancestors": ["'none'"],
    }),
    "Cache-Control": "no-store",
    "Retry-After": "$retry_after",
  };
  return securityHeaders(settings, { headers });
}
