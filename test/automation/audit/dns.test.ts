import assert from "node:assert/strict";
import { dns, type DnsEvidence } from "../../../automation/audit/families/dns.ts";
import { urlTarget } from "../../../automation/audit/target.ts";
import { ABOUT } from "./healthy.ts";

const judge = (evidence: DnsEvidence): string => {
  const { result, found } = dns.checks[0]!.judge(evidence, ABOUT);
  return `${result}: ${found}`;
};

describe("audit: where names lead", () => {
  it("is the server alone: over another address, of IPv6 too, the edge doesn't answer", () => {
    const server = ["203.0.113.7"];
    assert.equal(judge({ names: { "a.test": ["203.0.113.7"] }, server }), "pass: 203.0.113.7");
    for (const other of ["198.51.100.1", "2001:db8::7"])
      assert.equal(
        judge({ names: { "a.test": ["203.0.113.7", other] }, server }),
        `fail: a.test leads to ${other}`,
      );
  });

  it("takes an address for its own name", async () => {
    assert.ok(dns.source.where === "outside");
    for (const [url, address] of [
      ["https://203.0.113.7/", "203.0.113.7"],
      ["https://[2001:db8::7]/", "2001:db8::7"],
    ] as const) {
      const found = (await dns.source.gather(urlTarget(url, {}), () => undefined)) as DnsEvidence;
      assert.deepEqual(Object.values(found.names), [[address]]);
      assert.match(judge(found), /^pass/);
    }
  });
});
