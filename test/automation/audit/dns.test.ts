import assert from "node:assert/strict";
import { dns, type DnsEvidence } from "../../../automation/audit/families/dns.ts";
import { urlTarget } from "../../../automation/audit/target.ts";
import { ABOUT } from "./healthy.ts";

const judge = (evidence: DnsEvidence): string => {
  const { result, found } = dns.checks[0]!.judge(evidence, ABOUT);
  return `${result}: ${found}`;
};

describe("audit: where names lead", () => {
  it("compares addresses of the kind that is known of the server", () => {
    const server = ["203.0.113.7"];
    const both = ["203.0.113.7", "2001:db8::7"];
    assert.equal(judge({ names: { "a.test": both }, server }), "pass: 203.0.113.7");
    assert.equal(
      judge({ names: { "a.test": ["198.51.100.1", "2001:db8::7"] }, server }),
      "fail: a.test leads to 198.51.100.1",
    );
    assert.match(
      judge({ names: { "a.test": ["2001:db8::7"] }, server }),
      /^fail: a\.test has no address that/,
    );
    assert.match(judge({ names: { "a.test": both }, server: ["203.0.113.7", "2001:db8::8"] }), /::7$/);
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
