import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PAGES } from "../../components/edge/render/pages.ts";
import { config } from "./edge-application.ts";
import { one, raw, three, two, type Got } from "./edge-clients.ts";
import { edgeSite } from "./edge-site.ts";
import { onEngine, run } from "./support.ts";

const FORMATS = ["html", "json"] as const;
type Format = (typeof FORMATS)[number];
const ACCEPT: Record<Format, string> = { html: "text/html,*/*;q=0.8", json: "application/json" };
const TOO_LARGE = 11 * 1024 ** 2;
/** The edge takes lines of 36 kB. */
const LONG = 40_000;

/** How each error comes about over each version of HTTP; some can't over all. */
interface Fault {
  status: number;
  /** What can't be asked for in both formats, because the edge gives up before it has read the Accept header. */
  only?: Format;
  h1?: (accept: string) => Promise<Got>;
  h2?: (accept: string) => Promise<Got>;
  h3?: (accept: string) => Promise<Got>;
}

onEngine("errors of the edge and the switch, with the real Nginx and HAProxy", function () {
  this.timeout(60_000);
  const routes = [{ path: "/" }, { path: "/limited", limit: { rate: "1/min", burst: 0 } }];
  const settings = config({ http3: true, proxyTimeout: "1 s" }, routes);
  const site = edgeSite(settings);
  const body = Buffer.alloc(TOO_LARGE);

  /** A request that is the same over all versions. */
  const plain = (path: string, method = "GET"): Omit<Fault, "status"> => ({
    h1: (accept) => one(site, `${method} ${path}`, [`Accept: ${accept}`]),
    h2: (accept) => two(site, { ":path": path, ":method": method, accept }),
    h3: (accept) => three(site, path, "-X", method, "-H", `accept: ${accept}`),
  });
  /** A request with a body that the edge won't take. */
  const large = (path: string): Omit<Fault, "status"> => ({
    h1: (accept) => one(site, `POST ${path}`, [`Accept: ${accept}`, `Content-Length: ${TOO_LARGE}`], body),
    h2: (accept) =>
      two(site, { ":path": path, ":method": "POST", accept, "content-length": TOO_LARGE }, body),
    h3: (accept) => three(site, path, "-H", `accept: ${accept}`, "--data-binary", "@/var/spool/nginx/large"),
  });
  /** A line of headers that fits in no buffer over HTTP/1, and over the others into none of the switch's. */
  const cookies = (path: string): Omit<Fault, "status"> => ({
    h1: (accept) => one(site, `GET ${path}`, [`Accept: ${accept}`, `Cookie: ${"c".repeat(LONG)}`]),
    h2: (accept) => two(site, { ":path": path, accept, cookie: "c".repeat(LONG + 2000) }),
    h3: (accept) => three(site, path, "-H", `accept: ${accept}`, "-H", "@/var/spool/nginx/cookies"),
  });

  const faults: Record<string, Fault> = {
    "no such path": { status: 404, ...plain("/metrics") },
    "no such path of the switch": { status: 404, ...plain("/__edge/503") },
    "a byte 0 in the path": { status: 400, only: "json", ...plain("/%00") },
    "no Host": { status: 400, h1: (accept) => raw(site, `GET / HTTP/1.1\r\nAccept: ${accept}\r\n\r\n`) },
    "two lengths of a body": {
      status: 400,
      h1: (accept) =>
        one(
          site,
          "POST /",
          [`Accept: ${accept}`, "Content-Length: 3", "Transfer-Encoding: chunked"],
          "0\r\n\r\n",
        ),
    },
    "no HTTP": { status: 400, only: "json", h1: () => raw(site, "who is there?\r\n\r\n") },
    TRACE: { status: 405, ...plain("/", "TRACE") },
    "a body with a length that is too large": { status: 413, ...large("/x") },
    "a body without a length that is too large": {
      status: 413,
      h1: (accept) =>
        one(
          site,
          "POST /x",
          [`Accept: ${accept}`, "Transfer-Encoding: chunked"],
          Buffer.concat([Buffer.from(`${TOO_LARGE.toString(16)}\r\n`), body, Buffer.from("\r\n0\r\n\r\n")]),
        ),
      h2: (accept) => two(site, { ":path": "/x", ":method": "POST", accept }, body),
      h3: (accept) =>
        three(
          site,
          "/x",
          "-H",
          `accept: ${accept}`,
          "-X",
          "POST",
          "-H",
          "content-length:",
          "-T",
          "/var/spool/nginx/large",
        ),
    },
    "an address that is too long": {
      status: 414,
      only: "json",
      h1: () => one(site, `GET /${"a".repeat(LONG)}`),
    },
    "cookies that are too large": { status: 431, ...cookies("/x") },
    "another site's name over a connection to ours": {
      status: 421,
      h1: (accept) => one(site, "GET /", ["Host: other.test", `Accept: ${accept}`]),
      h2: (accept) => two(site, { ":authority": "other.test", accept }),
      h3: (accept) => three(site, "/", "-H", "host: other.test", "-H", `accept: ${accept}`),
    },
    "more requests than allowed": { status: 429, ...plain("/limited") },
    "an unknown encoding": {
      status: 501,
      h1: (accept) => one(site, "POST /", [`Accept: ${accept}`, "Transfer-Encoding: rot13"]),
    },
    "an unknown version": {
      status: 505,
      only: "json",
      h1: () => raw(site, "GET / HTTP/9.1\r\n\r\n"),
    },
    "no HTTP from the application": { status: 502, ...plain("/garbage") },
    "headers of the application that are too large": { status: 502, ...plain("/x?cookies=1&size=60000") },
    "headers of the application that the switch refuses": {
      status: 502,
      ...plain("/x?cookies=1&size=120000"),
    },
    "silence of the application": { status: 504, ...plain("/wait") },
  };

  before("what curl sends", async () => {
    writeFileSync(join(site.folder, "spool", "large"), body);
    writeFileSync(join(site.folder, "spool", "cookies"), `cookie: ${"c".repeat(LONG + 2000)}`);
    // Over the limit from now on.
    await site.ask("/limited");
    await three(site, "/limited");
  });

  for (const [what, fault] of Object.entries(faults))
    for (const version of ["h1", "h2", "h3"] as const) {
      const ask = fault[version];
      if (!ask) continue;
      it(`${what} over ${version} is ${fault.status}, with our page`, async () => {
        for (const format of fault.only ? [fault.only] : FORMATS)
          ours(await ask(ACCEPT[format]), fault.status, format);
      });
    }

  it("below /api/ are JSON for everybody", async () => {
    const large413 = large("/api/x");
    for (const version of ["h1", "h2", "h3"] as const) {
      ours(await large413[version]!(ACCEPT.html), 413, "json", version);
      ours(await plain("/api/garbage")[version]!(ACCEPT.html), 502, "json");
      ours(await cookies("/api/x")[version]!(ACCEPT.html), 431, "json");
    }
  });

  it("that the switch can make lead to a page for each status", async () => {
    const statuses = Object.keys(PAGES).filter((name) => /^\d+$/.test(name));
    for (const status of statuses)
      for (const format of FORMATS) {
        const path = `/x?header-x-accel-redirect=/__edge/${status}`;
        ours(await plain(path).h1!(ACCEPT[format]), Number(status), format);
      }
  });

  it("on port 80, of plain HTTP on 443, and of names that lead elsewhere have a page too", async () => {
    const curl = async (...options: string[]): Promise<string> => {
      const format = ["-s", "-k", "--path-as-is", "-w", "\n%{http_code} %{header_json}"];
      const { out } = await run(site.edge, "curl", ...format, "-H", `accept: ${ACCEPT.html}`, ...options);
      return out;
    };
    const www = ["--resolve", "www.maicivy.test:443:127.0.0.1"];
    const found = {
      80: await curl("http://127.0.0.1/%00"),
      443: await curl("http://127.0.0.1:443/"),
      www: await curl(...www, "https://www.maicivy.test/%00"),
      challenge: await curl("http://127.0.0.1/.well-known/acme-challenge/x"),
    };
    for (const where of ["80", "443", "www"] as const) assert.match(found[where], /Not understood/, where);
    for (const where of ["80", "443", "www"] as const) assert.match(found[where], /\n400 /, where);
    assert.match(found.challenge, /<h1>Nothing here[^]*\n404 /);
    for (const where of ["80", "challenge"] as const)
      assert.doesNotMatch(found[where], /strict-transport-security/, "no promise of HTTPS over HTTP");
    assert.match(found.www, /strict-transport-security/);
  });

  it("are in a log: the edge's, or the switch's for what it refused itself", async () => {
    await site.ask("/x?cookies=1&size=60000");
    await site.ask("/x?cookies=1&size=120000");
    await site.ask("/garbage");
    assert.match(await site.log(), /\[error\].* upstream sent too big header/);
    const lines = (await site.log("switch")).split("\n");
    const refused =
      /^web\/s1: 502 for GET \/(x|garbage), the answer has headers above 79 kB, or is no HTTP \(PH\)$/;
    assert.ok(lines.filter((line) => refused.test(line)).length >= 2, lines.join("\n"));
    assert.ok(
      !lines.some((line) => /: 200 for/.test(line)),
      "answers of the application are not in the switch's",
    );
  });
});

/** One of our pages, and nothing of Nginx's or HAProxy's own. */
function ours({ status, type, body }: Got, expected: number, format: Format, how = ""): void {
  assert.equal(status, expected, `${how} ${body.slice(0, 200)}`);
  const [title] = PAGES[expected]!;
  assert.equal(type, format === "html" ? "text/html; charset=utf-8" : "application/json", body.slice(0, 200));
  if (format === "html") assert.match(body, new RegExp(`<h1>${title}</h1>`));
  else assert.deepEqual(JSON.parse(body), { status, error: title, message: PAGES[expected]![1] });
}
