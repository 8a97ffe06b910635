import assert from "node:assert/strict";
import { Providers } from "../../src/deploy/providers.ts";
import type { Ctx } from "../../src/providers/contract.ts";
import { fakePackage, World } from "../support/world.ts";

describe("what no provider supports", () => {
  const context: Ctx = {
    project: "p",
    stack: "s",
    root: "/",
    log: () => undefined,
    signal: new AbortController().signal,
  };
  const providers = new Providers({ fake: fakePackage(new World()) }, context);
  const state = {
    urn: "urn:x",
    id: "1",
    type: "pulumi:providers:fake",
    custom: true,
    inputs: {},
    outputs: {},
  };

  it("is closed in every form that was configured, also the one from before a refresh", async () => {
    let open = 0;
    const counted = {
      ...fakePackage(new World()),
      configure: () => (open++, Promise.resolve(context)),
      close: () => Promise.resolve(void open--),
    };
    const both = new Providers({ fake: counted }, context);
    for (const inputs of [{ is: "before" }, { is: "after" }]) {
      both.add({ ...state, inputs, dependencies: [] });
      await both.bind({ type: "fake:index:R", provider: "urn:x::1", urn: "urn:r" }).catch(() => undefined);
    }
    assert.equal(open, 2);
    await both.close();
    assert.equal(open, 0);
  });

  it("is refused by name, with the way to the official CLI", async () => {
    const pointer =
      "is not supported by the embedded engine; use the official Pulumi CLI \\(npm install -g pulumi\\)";
    assert.throws(
      () => providers.typeOf("fake:index:Other"),
      new RegExp(`the resource type "fake:index:Other" ${pointer}`),
    );
    assert.throws(
      () => providers.typeOf("aws:s3:Bucket"),
      new RegExp(`the provider "aws" \\(there are: fake\\) ${pointer}`),
    );
    assert.throws(
      () => providers.assertVersion("fake", "2.0.0"),
      /version 2\.0\.0 of the provider "fake" \(there is 1\.0\.0\)/,
    );
    providers.assertVersion("fake", "1.7.0");
    assert.throws(() => providers.package("constructor"), /the provider "constructor"/);
  });
});
