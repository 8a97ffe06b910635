import assert from "node:assert/strict";
import type { Answered } from "../src/http.ts";
import { cookiesModifier } from "../src/observatory/cookies.ts";
import { cspOutcome } from "../src/observatory/csp.ts";
import { observatory, type Page } from "../src/observatory/score.ts";
import { grade, type Graded } from "../src/tls/grade.ts";

describe("the Observatory's rules", () => {
  const csp: [string | undefined, ReturnType<typeof cspOutcome>][] = [
    [undefined, "missing"],
    ["default-src 'none'; script-src 'self'; style-src 'self'", "no-unsafe-default-none"],
    ["default-src 'self'", "no-unsafe"],
    ["default-src 'self'; style-src 'self' 'unsafe-inline'", "unsafe-style"],
    ["default-src 'self'; img-src http:", "insecure-passive"],
    ["default-src 'self'; script-src 'self' 'unsafe-eval'", "unsafe-eval"],
    ["default-src 'self'; script-src 'self' 'unsafe-inline'", "unsafe-inline"],
    ["default-src 'self'; script-src 'self' 'unsafe-inline' 'nonce-abc'", "no-unsafe"],
    ["script-src 'self'", "unsafe-inline"],
    ["default-src 'self'; connect-src http://example.com", "insecure-active"],
    ["default-src 'self'; script-src 'strict-dynamic'", "invalid"],
    ["default-src 'none'; script-src 'strict-dynamic' 'nonce-abc' https:", "no-unsafe-default-none"],
    ["default-src 'self'; DEFAULT-SRC *", "no-unsafe"],
  ];
  for (const [policy, outcome] of csp)
    it(`call ${policy ?? "no policy"} ${outcome}`, () => assert.equal(cspOutcome(policy), outcome));

  it("let the worst cookie count", () => {
    const modifier = (hsts: boolean, ...cookies: string[]): number => cookiesModifier(cookies, hsts).modifier;
    assert.equal(modifier(true), 0);
    assert.equal(modifier(true, "a=1; Secure; SameSite=Lax"), 5);
    assert.equal(modifier(true, "a=1; Secure"), 0);
    assert.equal(modifier(true, "a=1; SameSite=Lax"), -5);
    assert.equal(modifier(false, "a=1; SameSite=Lax"), -20);
    assert.equal(modifier(true, "session=1; Secure; SameSite=Lax", "a=1; Secure"), -30);
    assert.equal(modifier(false, "session=1; HttpOnly"), -40);
    assert.equal(modifier(true, "csrf=1; Secure"), -20);
    assert.equal(modifier(true, "a=1; SameSite=None"), -20);
  });

  const site = (headers: Record<string, string>, more: Partial<Page> = {}): Page => ({
    page: { status: 200, headers, cookies: [], body: "" } as Answered,
    redirect: "https://a.test/",
    host: "a.test",
    trusted: true,
    ...more,
  });
  const GOOD = {
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
  };

  it("add bonuses to a good site only", () => {
    assert.deepEqual([observatory(site(GOOD)).score, observatory(site(GOOD)).grade], [130, "A+"]);
    const { "x-content-type-options": _, ...rest } = GOOD;
    assert.equal(observatory(site(rest)).score, 125);
    // 100 − 20 (no HSTS) is below 90: the bonuses of the other headers don't count.
    const { "strict-transport-security": __, ...without } = GOOD;
    assert.equal(observatory(site(without)).score, 80);
    assert.equal(observatory(site({})).score, 30);
  });

  it("reward the refusal of framing only in the policy", () => {
    const framing = (headers: Record<string, string>): number =>
      observatory(site(headers)).parts.find(({ name }) => name === "X-Frame-Options")!.modifier;
    assert.equal(framing(GOOD), 5);
    assert.equal(framing({ "x-frame-options": "DENY" }), 0);
    assert.equal(framing({}), -20);
  });

  it("want plain HTTP to redirect to HTTPS on the same host", () => {
    const score = (redirect: Page["redirect"]): number => observatory(site(GOOD, { redirect })).score;
    assert.equal(score(null), 130);
    assert.equal(score("https://www.a.test/"), 125);
    for (const bad of [undefined, "http://a.test/x", "/x"]) assert.equal(score(bad), 80, String(bad));
    assert.equal(observatory(site(GOOD, { trusted: false })).score, 60);
  });

  it("want a hash for scripts of other sites", () => {
    const score = (body: string): number =>
      observatory(site(GOOD, { page: { status: 200, headers: GOOD, cookies: [], body } })).score;
    assert.equal(score('<script src="/own.js"></script>'), 130);
    assert.equal(score('<script src="https://cdn.test/x.js"></script>'), 125);
    assert.equal(score('<script src="https://cdn.test/x.js" integrity="sha384-x"></script>'), 135);
    assert.equal(score('<script src="http://cdn.test/x.js"></script>'), 50);
  });
});

describe("the rules of SSL Labs", () => {
  const GOOD: Graded = {
    protocols: {
      "SSL 3.0": [],
      "TLS 1.0": [],
      "TLS 1.1": [],
      "TLS 1.2": [{ name: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" }],
      "TLS 1.3": [{ name: "TLS_AES_256_GCM_SHA384" }],
    },
    compression: false,
    renegotiation: true,
    keyType: "ec",
    keyBits: 256,
    trusted: true,
    named: true,
    hsts: 31_536_000,
  };
  const with12 = (...names: string[]): Graded => ({
    ...GOOD,
    protocols: { ...GOOD.protocols, "TLS 1.2": names.map((name) => ({ name })) },
  });
  const cases: [string, Graded, string][] = [
    ["a good server", GOOD, "A+"],
    ["no long HSTS", { ...GOOD, hsts: 15_551_999 }, "A"],
    ["no TLS 1.3", { ...GOOD, protocols: { ...GOOD.protocols, "TLS 1.3": [] } }, "A-"],
    [
      "a static RSA suite",
      with12("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"),
      "A-",
    ],
    [
      "TLS 1.0",
      {
        ...GOOD,
        protocols: { ...GOOD.protocols, "TLS 1.0": [{ name: "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA" }] },
      },
      "B",
    ],
    [
      "a short DHE group",
      {
        ...GOOD,
        protocols: {
          ...GOOD.protocols,
          "TLS 1.2": [{ name: "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", dhBits: 1024 }],
        },
      },
      "B",
    ],
    ["3DES", with12("TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"), "C"],
    ["compression", { ...GOOD, compression: true }, "C"],
    ["an anonymous suite", with12("TLS_DH_anon_WITH_AES_128_CBC_SHA"), "F"],
    ["unprotected renegotiation", { ...GOOD, renegotiation: false }, "F"],
    ["an untrusted chain", { ...GOOD, trusted: false }, "T"],
    ["a wrong name", { ...GOOD, named: false }, "M"],
  ];
  for (const [what, server, expected] of cases)
    it(`give ${expected} to ${what}`, () =>
      assert.equal(grade(server).grade, expected, grade(server).why.join("; ")));
});
