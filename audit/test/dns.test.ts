import assert from "node:assert/strict";
import { dns, type DnsEvidence } from "../src/families/dns.ts";
import { siteTarget } from "../src/target.ts";
import { ABOUT } from "./healthy.ts";

const judge = (evidence: DnsEvidence): string => {
  const { result, found } = dns.checks[0]!.judge(evidence, ABOUT);
  return `${result}: ${found}`;
};

describe("audit: where names lead", () => {
  it("is the server alone, at any address that shows its certificate", () => {
    const server = ["203.0.113.7"];
    assert.equal(judge({ names: { "a.test": ["203.0.113.7"] }, server, same: [] }), "pass: 203.0.113.7");
    for (const other of ["198.51.100.1", "2001:db8::7"]) {
      const names = { "a.test": ["203.0.113.7", other] };
      assert.equal(judge({ names, server, same: [] }), `fail: a.test resolves to ${other}`);
      assert.equal(judge({ names, server, same: [other] }), "pass: 203.0.113.7");
    }
  });

  it("is not judged behind declared proxies", () => {
    const stack = { ...ABOUT.stack!, proxies: [{ name: "192.0.2.7" }] };
    const evidence = { names: { "a.test": ["198.51.100.1"] }, server: ["203.0.113.7"], same: [] };
    assert.equal(dns.checks[0]!.judge(evidence, { ...ABOUT, stack }).result, "skip");
  });

  it("takes an address for its own name", async () => {
    for (const [url, address] of [
      ["https://203.0.113.7/", "203.0.113.7"],
      ["https://[2001:db8::7]/", "2001:db8::7"],
    ] as const) {
      const found = (await dns.gather(
        siteTarget(new URL(url), { name: "maicivy" }),
        () => undefined,
      )) as DnsEvidence;
      assert.deepEqual(Object.values(found.names), [[address]]);
      assert.match(judge(found), /^pass/);
    }
  });
});
