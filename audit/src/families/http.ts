import type { About } from "../about.ts";
import { check, none, skip, when, type Judge } from "../check.ts";
import { outside } from "../family.ts";
import { rawStatus, visit, type Answered, type Visitor } from "../http.ts";
import { isHealthy } from "../statuses.ts";
import type { Target } from "../target.ts";

/** What the edge answers to requests that a person would type. */
export interface HttpEvidence {
  /** `http://name/path?query`, by name; `null` when port 80 doesn't answer. */
  plain: Record<string, Pick<Answered, "status" | "headers"> | null>;
  /** Content-Encoding of the page by what was offered. */
  encodings: Record<string, string>;
  /** Bytes of the page without compression. */
  pageSize: number;
  /** By path: whether the answer looks like what must not be served. */
  hidden: Record<string, boolean>;
  /** Status of an answer to TRACE; 0 when the connection was cut. */
  trace: number;
  /** Status of a request whose body is declared to be larger than allowed; 0 when the connection was cut. */
  largeBody: number;
  /** Status of `/.well-known/acme-challenge/…` on port 80. */
  challenge: number;
  /** Status by health path; 0 for no answer. */
  health: Record<string, number>;
}

const PATH = "/some/path?x=1";
const HIDDEN = [
  "/.env",
  "/.git/config",
  "/metrics",
  "/status",
  "/stub_status",
  "/server-status",
  "/nginx_status",
  "/.aws/credentials",
];
/** What a leak looks like; a page that a front end serves for every path isn't one. */
const LEAK = /^\s*\[core\]|Active connections:|^# (HELP|TYPE) |aws_secret|^[A-Z_]+=\S/m;

/** Bytes of a body that must be refused: one more than declared, or more than any page needs. */
const tooLarge = ({ stack }: About): number => (stack ? stack.maxBody + 1 : 1024 ** 4);

/** Judges whether a page that is worth it comes in the encoding that was offered. */
function compressed(encoding: string): Judge<HttpEvidence> {
  return ({ encodings, pageSize }) =>
    pageSize < 1024
      ? skip(`the page has only ${pageSize} bytes`)
      : when(encodings[encoding] === encoding, encodings[encoding] || "not compressed");
}

export const http = outside<HttpEvidence>({
  title: "HTTP",
  gather: (target) => visit(target, (visitor) => gather(target, visitor)),
  checks: [
    check({
      id: "http.redirect",
      title: "Plain HTTP answers 301 to the same path on the canonical HTTPS name",
      severity: "high",
      requirements: ["E4", "E5", "O13"],
      remedy: "return 301 https://<name>$request_uri; on port 80 for every served name.",
      judge: ({ plain }, { url }) => {
        const canonical = new URL(PATH, url);
        const bad = Object.entries(plain).flatMap(([name, answer]) => {
          if (answer === null) return [`${name}: port 80 does not answer`];
          const { status, headers } = answer;
          // A name with a page of its own, such as analytics, is its own canonical name.
          const own = new URL(canonical);
          own.hostname = name;
          const fits = [canonical.href, own.href].includes(headers.location ?? "");
          return status === 301 && fits
            ? []
            : [`${name}: ${status} ${headers.location ?? "without a location"}`];
        });
        return none(bad, `301 to ${canonical.href}`);
      },
    }),
    check({
      id: "http.gzip",
      title: "Pages are compressed with gzip when asked",
      severity: "medium",
      requirements: ["E20", "E21", "O14"],
      remedy: "gzip on; with gzip_types for text, and gzip_min_length 1024.",
      judge: compressed("gzip"),
    }),
    check({
      id: "http.brotli",
      title: "Pages are compressed with brotli when asked",
      severity: "low",
      requirements: ["E22", "O14"],
      remedy: "brotli on; the official Nginx image has no brotli module: take an image that has it.",
      judge: compressed("br"),
    }),
    check({
      id: "http.hidden",
      title: "No environment file, repository, metrics or status page is public",
      severity: "high",
      requirements: ["E37", "S9"],
      remedy: "Serve only the declared routes; keep metrics on the private network.",
      judge: ({ hidden }) =>
        none(
          Object.keys(hidden)
            .filter((path) => hidden[path])
            .map((path) => `${path} is served`),
          `${Object.keys(hidden).length} paths asked`,
        ),
    }),
    check({
      id: "http.trace",
      title: "TRACE is refused",
      severity: "low",
      requirements: ["RFC 9110 9.3.8"],
      remedy: "Nginx refuses it by default; remove what allows it.",
      judge: ({ trace }) =>
        when(trace === 0 || trace >= 400, trace ? String(trace) : "the connection was cut"),
    }),
    check({
      id: "http.body-limit",
      title: "A request body beyond the limit is refused",
      severity: "medium",
      requirements: ["E27"],
      remedy: "client_max_body_size 10M; (edge.maxBody)",
      judge: ({ largeBody }, about) =>
        when(
          largeBody === 413 || largeBody === 0,
          largeBody ? `a body of ${tooLarge(about)} bytes got ${largeBody}` : "the connection was cut",
        ),
    }),
    check({
      id: "http.challenge",
      title: "ACME challenges are answered on port 80, not redirected",
      severity: "low",
      requirements: ["E4", "T21"],
      remedy: "A location /.well-known/acme-challenge/ with root /var/www/certbot on port 80.",
      judge: ({ challenge }) => when(challenge === 404, `an unknown challenge got ${challenge}`),
    }),
    check({
      id: "http.health",
      title: "Every application is healthy through the edge, on both levels",
      severity: "high",
      requirements: ["A12", "A13", "O27"],
      remedy: "Look at the application's log; apps.<name>.health in docs/configuration.md.",
      judge: ({ health }, { statuses }) => {
        if (Object.keys(health).length === 0) return skip("no health path is known");
        const bad = Object.entries(health).filter(([path, status]) => !isHealthy(status, statuses?.[path]));
        return none(
          bad.map(([path, status]) => `${path} answered ${status || "nothing"}`),
          Object.keys(health).join(", "),
        );
      },
    }),
  ],
});

async function gather(target: Target, visitor: Visitor): Promise<HttpEvidence> {
  const { names, health } = target.about;
  const plain: HttpEvidence["plain"] = {};
  for (const name of names) plain[name] = await visitor.plain(PATH, name).catch(() => null);
  const encodings: Record<string, string> = {};
  for (const encoding of ["gzip", "br"]) {
    const { headers } = await visitor.ask("/", { headers: { "accept-encoding": encoding } });
    encodings[encoding] = headers["content-encoding"] ?? "";
  }
  const page = await visitor.ask("/", { headers: { "accept-encoding": "identity" } });
  const hidden: HttpEvidence["hidden"] = {};
  for (const path of HIDDEN) {
    const { status, body } = await visitor.ask(path);
    hidden[path] = status === 200 && LEAK.test(body);
  }
  const state: Record<string, number> = {};
  for (const path of health)
    state[path] = await visitor.ask(path).then(
      ({ status }) => status,
      () => 0,
    );
  return {
    plain,
    encodings,
    pageSize: page.body.length,
    hidden,
    health: state,
    trace: await rawStatus(target, "TRACE / HTTP/1.1", []),
    largeBody: await rawStatus(target, "POST / HTTP/1.1", [`Content-Length: ${tooLarge(target.about)}`]),
    challenge: await visitor.plain("/.well-known/acme-challenge/fairlead-audit").then(
      ({ status }) => status,
      () => 0,
    ),
  };
}
