import { createHash } from "node:crypto";
import { asset } from "../assets.ts";
import { cspText, headerLines, securityHeaders, type HeaderSettings } from "./edge-headers.ts";
import { fill } from "./fill.ts";

/** What the edge itself answers when it can't or may not pass a request on: status → title and text. */
const PAGES: Record<string, [title: string, text: string]> = {
  403: ["Not allowed", "This part of the site isn't open to you."],
  404: ["Nothing here", "There is no page at this address. It may have moved, or the link has a mistake."],
  413: ["Too large", "What you sent is larger than this site accepts. Try a smaller file."],
  429: [
    "Too many requests",
    "You asked for more than is allowed in a short time. Wait a moment, then try again.",
  ],
  502: ["No answer", "The application behind this page gave no proper answer. Try again in a moment."],
  503: ["Not available right now", "Nothing can answer here at this moment. Try again in a moment."],
  504: ["No answer in time", "The application behind this page took too long. Try again in a moment."],
  maintenance: ["Back soon", "This site is being worked on. It will be back shortly."],
};

/** Statuses that have a page. */
export const ERROR_STATUSES = Object.keys(PAGES).filter((name) => /^\d+$/.test(name));

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
  return { ...files, "headers-error.conf": headerLines(errorHeaders(settings, shown!)) };
}

/** The pages load nothing; their only style is allowed by its hash. Nobody keeps them. */
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
