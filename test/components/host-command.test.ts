import assert from "node:assert/strict";
import type { HostCall, HostInputs } from "../../config/host/index.ts";
import { contract, NOUNS } from "../../config/host/index.ts";

/** Takes what a noun takes; tsc is the test, and says when a line below is no mistake any more. */
const takes = <N extends keyof HostInputs>(noun: N, input: HostInputs[N]): [N, HostInputs[N]] => [
  noun,
  input,
];
const calls = (call: HostCall): HostCall => call;

describe("what a noun on the server takes", () => {
  it("is checked by tsc, key by key and verb by verb", () => {
    const mistakes = [
      // @ts-expect-error a renamed key
      takes("swap", { bytes: 1, path: "/swapfile" }),
      // @ts-expect-error a key too many
      takes("files", { name: "x", links: [{ path: "/a", target: "/b", mode: "0644" }] }),
      // @ts-expect-error another type
      takes("container", { container: "x", pids: "128", within: 30 }),
      // @ts-expect-error no such value
      takes("certificate", { mode: "none", domain: "a.test", names: [], tls: "/tls", container: "x" }),
      // @ts-expect-error no such verb of this noun
      calls("swap renew"),
    ];
    assert.equal(mistakes.length, 5);
  });

  it("is in the contract that the server checks, a noun a line", () => {
    const read = JSON.parse(contract()) as Record<string, { verbs?: string[]; input: { type: string } }>;
    for (const [noun, { verbs }] of Object.entries(NOUNS)) assert.deepEqual(read[noun]?.verbs, verbs, noun);
    for (const { input } of Object.values(read)) assert.equal(input.type, "object");
  });
});
