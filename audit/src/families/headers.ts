import { connect } from "node:tls";
import { check, none, skip, when, type Verdict } from "../check.ts";
import { outside } from "../family.ts";
import { visit, type Answered } from "../http.ts";
import { observatory } from "../observatory/score.ts";
import { cspOutcome, type CspOutcome } from "../observatory/csp.ts";
import type { Target } from "../target.ts";
import { serverName } from "../tls/name.ts";

type Answers = Record<string, Pick<Answered, "status" | "headers">>;

/** The headers of a few kinds of answers. */
export interface HeadersEvidence {
  page: Answered;
  /** Answers by path: the page, the API, an error, health. */
  answers: Answers;
  /** The same of names below the domain, such as analytics. */
  below: Answers;
  redirect: string | undefined | null;
  host: string;
  trusted: boolean;
}

/** Fails with the paths whose answer doesn't have what it must. */
function everywhere(
  { answers, below }: HeadersEvidence,
  header: string,
  good: (value: string) => boolean,
): Verdict {
  const bad = Object.entries({ ...answers, ...below }).filter(
    ([, { headers }]) => !good(headers[header] ?? ""),
  );
  const seen = Object.values(answers)[0]?.headers[header] ?? "";
  return none(
    bad.map(([path, { headers, status }]) => `${path} (${status}): ${headers[header] ?? "missing"}`),
    seen,
  );
}

/** A browser that knows frame-ancestors asks nothing else (CSP 3, 6.4.2.2). */
const framesNothing = (policy = ""): boolean =>
  /(^|[;,])\s*frame-ancestors\s+'none'\s*([;,]|$)/i.test(policy);

/** Answers that may be framed. By the site itself they may only where the rows allow it: below the domain of a stack. */
function framed(list: Answers, own: boolean): string[] {
  return Object.entries(list)
    .filter(([, { headers }]) => {
      const value = headers["x-frame-options"] ?? "";
      return (
        !(own ? /^(deny|sameorigin)$/i : /^deny$/i).test(value) &&
        !framesNothing(headers["content-security-policy"])
      );
    })
    .map(([path, { headers, status }]) => `${path} (${status}): ${headers["x-frame-options"] ?? "missing"}`);
}

/** Outcomes of a policy that lets no unsafe script run. */
const SAFE_POLICIES: readonly CspOutcome[] = ["no-unsafe-default-none", "no-unsafe", "unsafe-style"];

const maxAge = (value: string): number => Number(/max-age=(\d+)/i.exec(value)?.[1] ?? 0);

export const headers = outside<HeadersEvidence>({
  title: "Security headers",
  gather,
  checks: [
    check({
      id: "headers.hsts",
      title: "HSTS for a year with subdomains, on every answer",
      severity: "high",
      requirements: ["E11", "E18", "O15"],
      remedy: 'add_header Strict-Transport-Security "max-age=31536000; includeSubDomains" always;',
      judge: (evidence) =>
        everywhere(
          evidence,
          "strict-transport-security",
          (value) => maxAge(value) >= 31_536_000 && /includesubdomains/i.test(value),
        ),
    }),
    check({
      id: "headers.frame",
      title:
        "Framing is refused, on every answer: DENY; SAMEORIGIN below a stack's domain, and on other servers",
      severity: "medium",
      requirements: ["E13", "E18", "E19", "O15"],
      remedy: "add_header X-Frame-Options DENY always; again in each location with an add_header of its own.",
      judge: ({ answers, below }, { stack }) =>
        none(
          [...framed(answers, stack === undefined), ...framed(below, true)],
          Object.values(answers)[0]?.headers["x-frame-options"] ?? "by frame-ancestors 'none'",
        ),
    }),
    check({
      id: "headers.nosniff",
      title: "X-Content-Type-Options is nosniff, on every answer",
      severity: "medium",
      requirements: ["E15", "E18", "E19", "O15"],
      remedy: "add_header X-Content-Type-Options nosniff always;",
      judge: (evidence) =>
        everywhere(evidence, "x-content-type-options", (value) => value.toLowerCase() === "nosniff"),
    }),
    check({
      id: "headers.referrer",
      title: "Referrer-Policy keeps paths from other sites, on every answer",
      severity: "low",
      requirements: ["E16"],
      remedy: "add_header Referrer-Policy strict-origin-when-cross-origin always;",
      judge: (evidence) =>
        everywhere(evidence, "referrer-policy", (value) =>
          /^(no-referrer|same-origin|strict-origin(-when-cross-origin)?)$/i.test(value),
        ),
    }),
    check({
      id: "headers.csp",
      title: "A Content-Security-Policy without unsafe sources for scripts",
      severity: "medium",
      requirements: ["E17"],
      remedy: "Set a policy without 'unsafe-inline' and 'unsafe-eval' (docs/edge.md).",
      judge: ({ page }) => {
        const outcome = cspOutcome(page.headers["content-security-policy"]);
        return when(SAFE_POLICIES.includes(outcome), outcome);
      },
    }),
    check({
      id: "headers.permissions",
      title: "Permissions-Policy says which features of the browser the site uses",
      severity: "low",
      requirements: ["E13"],
      remedy: 'add_header Permissions-Policy "camera=(), microphone=(), geolocation=()" always;',
      judge: ({ page }) =>
        when(Boolean(page.headers["permissions-policy"]), page.headers["permissions-policy"] ?? "missing"),
    }),
    check({
      id: "headers.versions",
      title: "No answer reveals the version of the software",
      severity: "low",
      requirements: ["E18"],
      remedy: "server_tokens off; and proxy_hide_header X-Powered-By;",
      judge: ({ answers }) => {
        const revealing = Object.entries(answers).flatMap(([path, { headers: all }]) =>
          ["server", "x-powered-by", "via", "x-aspnet-version"]
            .filter((name) => /\d/.test(all[name] ?? "") || (name === "x-powered-by" && all[name]))
            .map((name) => `${path}: ${name}: ${all[name]}`),
        );
        return none(revealing, "none does");
      },
    }),
    check({
      id: "headers.observatory",
      title: "Score of the MDN HTTP Observatory is at least 120",
      severity: "medium",
      requirements: ["O15"],
      remedy: "The parts with a minus, or without the bonus, say which header is missing.",
      judge: (evidence, { ownCertificate }) => {
        if (evidence.page.status >= 400) return skip(`the page answers ${evidence.page.status}`);
        const { score, grade, parts } = observatory(evidence);
        const counted = parts
          .filter(({ modifier }) => modifier !== 0)
          .map(({ name, modifier }) => `${name} ${modifier > 0 ? "+" : ""}${modifier}`);
        const note = ownCertificate ? " (with the stack's own certificate trusted)" : "";
        return {
          ...when(score >= 120, `${score} (${grade})${note}: ${counted.join(", ")}`),
          figure: String(score),
        };
      },
    }),
  ],
});

async function gather(target: Target): Promise<HeadersEvidence> {
  return visit(target, async (visitor) => {
    const headersOf = { origin: "https://origin.invalid", accept: "text/html" };
    const page = await visitor.ask("/", { headers: headersOf });
    const answers: HeadersEvidence["answers"] = { "/": page };
    for (const path of ["/fairlead-audit/no-such-page", "/api/", ...target.about.health])
      answers[path] = await visitor.ask(path);
    const below: HeadersEvidence["below"] = {};
    for (const name of target.about.stack?.subdomains ?? []) {
      const url = new URL("/", target.about.url);
      url.hostname = name;
      below[name] = await visitor.ask(url.href).catch(() => ({ status: 0, headers: {} }));
    }
    const plain = await visitor.plain("/").catch(() => null);
    return {
      page,
      answers,
      below,
      host: new URL(target.about.url).hostname,
      redirect: plain === null ? null : plain.headers.location,
      trusted: await isTrusted(target),
    };
  });
}

/** Whether a client that trusts the system's roots, and the stack's own certificate, gets through. */
function isTrusted({ about, address, httpsPort, trusted }: Target): Promise<boolean> {
  const { hostname } = new URL(about.url);
  return new Promise((done) => {
    const socket = connect({
      host: address,
      port: httpsPort,
      ...serverName(hostname),
      ca: trusted,
      rejectUnauthorized: true,
    });
    const end = (good: boolean): void => {
      socket.destroy();
      done(good);
    };
    socket.setTimeout(10_000, () => end(false));
    socket.on("secureConnect", () => end(true));
    socket.on("error", () => end(false));
  });
}
