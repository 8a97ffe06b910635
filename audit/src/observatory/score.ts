import type { Answered } from "../http.ts";
import { cookiesModifier } from "./cookies.ts";
import { cspOutcome, parseCsp, type CspOutcome } from "./csp.ts";

/** What the Observatory looks at: the page, and where plain HTTP leads. */
export interface Page {
  page: Answered;
  /** `Location` of the answer to `http://…/`; `undefined` for an answer without one, `null` for no answer at all. */
  redirect: string | undefined | null;
  /** Host name of the site. */
  host: string;
  /** The certificate is trusted. */
  trusted: boolean;
}

/** One of its tests. */
export interface Part {
  name: string;
  modifier: number;
  why: string;
}

/** Six months, as the Observatory counts them. */
const SIX_MONTHS = 15_768_000;
/** Bonuses count for a site that is good without them. */
const BONUS_FROM = 90;

/**
 * The score of the MDN HTTP Observatory (developer.mozilla.org/en-US/observatory/docs/tests_and_scoring): 100, and each
 * test's modifier. The HSTS preload list is not asked, so its bonus is never given.
 */
export function observatory(site: Page): { score: number; grade: string; parts: Part[] } {
  const parts = PARTS.map(([name, judge]) => ({ name, ...judge(site) }));
  const sum = (list: Part[]): number => list.reduce((total, { modifier }) => total + modifier, 100);
  const base = Math.max(0, sum(parts.filter(({ modifier }) => modifier < 0)));
  const score = base >= BONUS_FROM ? sum(parts) : base;
  return { score, grade: gradeOf(score), parts };
}

const GRADES: [number, string][] = [
  [100, "A+"],
  [90, "A"],
  [85, "A-"],
  [80, "B+"],
  [70, "B"],
  [65, "B-"],
  [60, "C+"],
  [50, "C"],
  [45, "C-"],
  [40, "D+"],
  [30, "D"],
  [25, "D-"],
];
const gradeOf = (score: number): string => GRADES.find(([from]) => score >= from)?.[1] ?? "F";

type Judge = (site: Page) => Omit<Part, "name">;
const give = (modifier: number, why: string): Omit<Part, "name"> => ({ modifier, why });

const CSP: Record<CspOutcome, number> = {
  "no-unsafe-default-none": 10,
  "no-unsafe": 5,
  "unsafe-style": 0,
  "insecure-passive": -10,
  "unsafe-eval": -10,
  "unsafe-inline": -20,
  "insecure-active": -20,
  invalid: -25,
  missing: -25,
};

/** A header with a list of good values. */
function choice(header: string, values: Record<string, number>, missing: number): Judge {
  return ({ page }) => {
    const value = page.headers[header]?.trim().toLowerCase();
    if (!value) return give(missing, "missing");
    const known = values[value.split(";")[0]!.trim()];
    return known === undefined ? give(-5, `unknown value ${value}`) : give(known, value);
  };
}

const PARTS: [string, Judge][] = [
  [
    "Content Security Policy",
    ({ page }) =>
      give(
        CSP[cspOutcome(page.headers["content-security-policy"])],
        cspOutcome(page.headers["content-security-policy"]),
      ),
  ],
  ["Cookies", (site) => cookiesModifier(site.page.cookies, hsts(site).modifier === 0)],
  ["CORS", cors],
  ["Redirection", redirection],
  ["Referrer-Policy", referrer],
  ["Strict-Transport-Security", hsts],
  ["Subresource Integrity", integrity],
  [
    "X-Content-Type-Options",
    ({ page }) =>
      give(
        page.headers["x-content-type-options"]?.trim().toLowerCase() === "nosniff" ? 0 : -5,
        page.headers["x-content-type-options"] ?? "missing",
      ),
  ],
  ["X-Frame-Options", framing],
  [
    "Cross-Origin-Resource-Policy",
    choice("cross-origin-resource-policy", { "same-origin": 10, "same-site": 10, "cross-origin": 0 }, 0),
  ],
  [
    "Cross-Origin-Embedder-Policy",
    choice("cross-origin-embedder-policy", { "require-corp": 10, credentialless: 10, "unsafe-none": 0 }, 0),
  ],
  [
    "Cross-Origin-Opener-Policy",
    choice(
      "cross-origin-opener-policy",
      { "same-origin": 10, "same-origin-allow-popups": 10, "noopener-allow-popups": 10, "unsafe-none": 0 },
      0,
    ),
  ],
];

function cors({ page }: Page): Omit<Part, "name"> {
  const [origin, credentials] = [
    page.headers["access-control-allow-origin"],
    page.headers["access-control-allow-credentials"],
  ];
  const open = origin === "*" || origin === "https://origin.invalid";
  if (open && credentials === "true") return give(-50, "open to every origin, with credentials");
  return give(0, origin ? `for ${origin}` : "closed");
}

function redirection({ redirect, host, trusted }: Page): Omit<Part, "name"> {
  if (!trusted) return give(-20, "untrusted certificate");
  if (redirect === null) return give(0, "no plain HTTP at all");
  if (!redirect) return give(-20, "plain HTTP answers without a redirect");
  const to = URL.canParse(redirect) ? new URL(redirect) : undefined;
  if (to?.protocol !== "https:") return give(-20, `redirects to ${redirect}`);
  return to.hostname === host
    ? give(0, "to HTTPS on the same host")
    : give(-5, `redirects to another host first: ${to.hostname}`);
}

const PRIVATE = ["no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"];
function referrer({ page }: Page): Omit<Part, "name"> {
  const policies = (page.headers["referrer-policy"] ?? "")
    .toLowerCase()
    .split(",")
    .map((one) => one.trim())
    .filter(Boolean);
  if (policies.length === 0) return give(0, "missing");
  // The last value that a browser knows is the one that counts.
  return PRIVATE.includes(policies.at(-1)!) ? give(5, policies.at(-1)!) : give(-5, policies.at(-1)!);
}

function hsts({ page, trusted }: Page): Omit<Part, "name"> {
  if (!trusted) return give(-20, "untrusted certificate");
  const header = page.headers["strict-transport-security"];
  if (!header) return give(-20, "missing");
  const age = /(?:^|;)\s*max-age\s*=\s*"?(\d+)"?/i.exec(header)?.[1];
  if (age === undefined) return give(-20, `no max-age in ${header}`);
  return give(Number(age) >= SIX_MONTHS ? 0 : -10, `max-age ${age}`);
}

function framing({ page }: Page): Omit<Part, "name"> {
  if (parseCsp(page.headers["content-security-policy"] ?? "").has("frame-ancestors"))
    return give(5, "frame-ancestors in the policy");
  const value = page.headers["x-frame-options"]?.trim().toLowerCase();
  if (!value) return give(-20, "missing");
  if (["deny", "sameorigin"].includes(value)) return give(0, value);
  return give(value.startsWith("allow-from") ? 0 : -20, value);
}

/** Scripts of other sites must come over HTTPS and with a hash. */
function integrity({ page, host }: Page): Omit<Part, "name"> {
  if (!/html/.test(page.headers["content-type"] ?? "html")) return give(0, "not a page");
  const tags = page.body.match(/<script\b[^>]*\bsrc\s*=[^>]*>/gi) ?? [];
  const foreign = tags.filter((tag) => {
    const source = /\bsrc\s*=\s*["']?([^"'\s>]+)/i.exec(tag)![1]!;
    return /^(https?:)?\/\//i.test(source) && new URL(source, `https://${host}/`).hostname !== host;
  });
  if (foreign.length === 0)
    return tags.some((tag) => /\bintegrity\s*=/i.test(tag))
      ? give(5, "own scripts with hashes")
      : give(0, "own scripts only");
  const secure = foreign.every((tag) => /src\s*=\s*["']?https:/i.test(tag));
  const hashed = foreign.every((tag) => /\bintegrity\s*=/i.test(tag));
  if (secure && hashed) return give(5, "foreign scripts with hashes");
  if (secure) return give(-5, "foreign scripts without hashes");
  return give(hashed ? -20 : -50, "foreign scripts over plain HTTP");
}
