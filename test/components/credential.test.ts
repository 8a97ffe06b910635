import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { credential } from "../../components/service/credential.ts";

describe("a credential", () => {
  const of = (url: string, fingerprint = "f1"): ReturnType<typeof credential> =>
    credential("URL", (password) => url.replace("PASSWORD", password), password(fingerprint), ready);
  const password = (fingerprint: string) => ({ value: pulumi.output("p@ss"), fingerprint });
  const ready = undefined as unknown as pulumi.Resource;
  const base = "postgres://shop_1:PASSWORD@postgres:5432/shop";

  it("holds the password as a URL spells it", (done) => {
    of(base).value.apply((value) => {
      assert.equal(value, "postgres://shop_1:p%40ss@postgres:5432/shop");
      done();
    });
  });

  for (const [what, other] of [
    ["password", of(base, "f2")],
    ["database", of(base.replace("/shop", "/other"))],
    ["login", of(base.replace("shop_1", "own_1"))],
    ["host", of(base.replace("@postgres", "@elsewhere"))],
  ] as const)
    it(`is another one with another ${what}: a release keeps what it was given`, () =>
      assert.notEqual(other.fingerprint, of(base).fingerprint));

  it("is the same one as long as its URL is, and gives no password away", () => {
    assert.equal(of(base).fingerprint, of(base).fingerprint);
    assert.match(of(base).fingerprint, /^[0-9a-f]{12}$/);
  });
});
