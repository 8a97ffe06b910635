import assert from "node:assert/strict";
import fc from "fast-check";
import { Secret, UNKNOWN, UnsupportedError } from "../../src/providers/contract.ts";
import type { Props } from "../../src/providers/contract.ts";
import { random } from "../../src/providers/random/index.ts";
import { hash, verify } from "../../src/providers/random/bcrypt.ts";
import { checked, context, recorded, typeOf } from "./golden.ts";

const ctx = context();
const urn = "urn:pulumi:dev::test::random::r";

async function draw(kind: string, inputs: Props): Promise<{ id: string; outputs: Props }> {
  const type = typeOf(`random:index/random${kind}:Random${kind}`);
  const news = await checked(type, urn, inputs);
  const made = await type.create(ctx, urn, news, false);
  const diff = await type.diff(ctx, made.id, urn, news, made.outputs, news);
  assert.deepEqual(diff.detailedDiff, {});
  return made;
}

/** Which keys hold secrets in upstream's bookkeeping, and what it says. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, v: unknown) => (v instanceof Secret ? { secret: v.value } : v)));

describe("the random provider", () => {
  const golden = [
    ...recorded("pulumi-3.260", "export.json"),
    ...recorded("pulumi-3.260-server", "state-r1/.pulumi/stacks/vps/dev.json"),
  ].filter((r) => r.type.type.startsWith("random:"));

  it("is compared with every type that the fixtures hold", () => {
    assert.deepEqual(new Set(golden.map((r) => r.type.type)).size, 6);
  });
  for (const r of golden)
    it(`records ${r.name} like the official provider`, async () => {
      const { outputs, id } = await r.type.create(ctx, urn, r.inputs, false);
      assert.deepEqual(Object.keys(outputs).sort(), Object.keys(r.outputs).sort());
      const bookkeeping = "__pulumi_raw_state_delta";
      assert.deepEqual(plain(outputs[bookkeeping]), plain(r.outputs[bookkeeping]));
      const drawn = ["result", "bcryptHash", "id", "b64Std", "b64Url", "dec", "hex", "base64", bookkeeping];
      for (const [name, value] of Object.entries(r.outputs))
        if (!drawn.includes(name)) assert.deepEqual(outputs[name], value, name);
        else if (name !== bookkeeping && name !== "dec")
          assert.equal(String(outputs[name]).length > 3, String(value).length > 3, name);
      if (r.id === "none") assert.equal(id, "none");
      else assert.notEqual(id, r.id);
    });

  it("marks what is always secret", () => {
    assert.deepEqual(random.secretOutputs("random:index/randomPassword:RandomPassword"), [
      "bcryptHash",
      "result",
    ]);
    assert.deepEqual(random.secretOutputs("random:index/randomBytes:RandomBytes"), ["base64", "hex"]);
    assert.deepEqual(random.secretOutputs("random:index/randomString:RandomString"), []);
  });

  it("draws text of the length and classes asked for", async () => {
    const flag = fc.boolean();
    const min = fc.integer({ min: 0, max: 4 });
    const wanted = fc.record({
      length: fc.integer({ min: 16, max: 40 }),
      lower: flag,
      upper: flag,
      numeric: flag,
      special: flag,
      minLower: min,
      minUpper: min,
      minNumeric: min,
      minSpecial: min,
    });
    const classes = { Lower: /[a-z]/g, Upper: /[A-Z]/g, Numeric: /[0-9]/g, Special: /[^a-zA-Z0-9]/g };
    await fc.assert(
      fc.asyncProperty(wanted, async (w) => {
        fc.pre(w.lower || w.upper || w.numeric || w.special);
        const text = String((await draw("String", w)).outputs["result"]);
        assert.equal(text.length, w.length);
        for (const [name, letters] of Object.entries(classes)) {
          const [count, least] = [(text.match(letters) ?? []).length, w[`min${name}` as "minLower"]];
          assert.ok(count >= least, `${name}: ${count} of ${least}`);
          if (!w[name.toLowerCase() as "lower"]) assert.equal(count, least);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("takes special characters from overrideSpecial only, and refuses impossible wishes", async () => {
    const text = (
      await draw("String", { length: 50, lower: false, upper: false, numeric: false, overrideSpecial: "é-" })
    ).outputs["result"];
    assert.match(String(text), /^[é-]{50}$/);
    await assert.rejects(
      draw("String", { length: 3, minLower: 4 }),
      /length: expected at least the sum of the minimums \(4\), got 3/,
    );
    await assert.rejects(
      draw("String", { length: 3, lower: false, upper: false, numeric: false, special: false }),
      /at least one of/,
    );
    await assert.rejects(draw("String", { length: 0 }), /length: expected 1 or more, got 0/);
    await assert.rejects(draw("String", {}), /missing required property "length"/);
    await assert.rejects(draw("String", { length: 1, colour: "red" }), UnsupportedError);
  });

  it("writes ids and bytes in matching notations", async () => {
    const { id, outputs } = await draw("Id", { byteLength: 8, prefix: "app-" });
    const bytes = Buffer.from(String(outputs["hex"]).slice(4), "hex");
    assert.equal(bytes.length, 8);
    assert.deepEqual(
      [outputs["b64Url"], id],
      [`app-${bytes.toString("base64url")}`, bytes.toString("base64url")],
    );
    assert.equal(outputs["dec"], `app-${bytes.readBigUInt64BE()}`);
    const drawn = await draw("Bytes", { length: 5 });
    assert.equal(Buffer.from(String(drawn.outputs["hex"]), "hex").toString("base64"), drawn.id);
    assert.match((await draw("Uuid", {})).id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match((await draw("Pet", { length: 3, prefix: "p", separator: "_" })).id, /^p(_[a-z]+){3}$/);
    assert.equal((await draw("Integer", { min: 5, max: 5 })).outputs["result"], 5);
  });

  it("replaces for any change, keepers among them", async () => {
    const type = typeOf("random:index/randomPassword:RandomPassword");
    const made = await draw("Password", { length: 8, keepers: { day: "1" } });
    const diff = await type.diff(ctx, made.id, urn, {}, made.outputs, { length: 9, keepers: { day: "2" } });
    assert.deepEqual(diff.detailedDiff, {
      "keepers.day": { kind: "update-replace", inputDiff: false },
      length: { kind: "update-replace", inputDiff: false },
    });
    assert.deepEqual([diff.replaces, diff.deleteBeforeReplace], [["keepers", "length"], false]);
  });

  it("knows the inputs in a preview, not the result", async () => {
    const type = typeOf("random:index/randomPassword:RandomPassword");
    const { outputs } = await type.create(ctx, urn, { length: 8 }, true);
    assert.deepEqual([outputs["length"], outputs["result"], outputs["id"]], [8, UNKNOWN, UNKNOWN]);
  });

  describe("bcrypt", () => {
    it("verifies what the official provider recorded", () => {
      const hashed = golden.filter((g) => g.outputs["bcryptHash"]);
      assert.ok(hashed.length > 0);
      for (const r of hashed)
        assert.ok(verify(String(r.outputs["result"]), String(r.outputs["bcryptHash"])), r.name);
    });
    it("agrees with libxcrypt", () => {
      assert.ok(verify("", "$2a$06$DCq7YPn5Rq63x1Lad4cll.TV4S6ytwfsfvkgY8jIucDrjc8deX1s."));
      assert.ok(verify("abc", "$2a$06$If6bvum7DFjUnE9p2uDeDu0YHzrHM6tf.iqN8.yx.jNN1ILEf7h0i"));
      assert.ok(
        verify(
          "~!@#$%^&*()      ~!@#$%^&*()PNBFRD",
          "$2a$06$fPIsBO8qRqkjj273rfaOI.HtSV9jLDpTbZn782DC6/t7qT67P6FfO",
        ),
      );
      assert.ok(verify("pässwörd-ü€", "$2a$04$fPIsBO8qRqkjj273rfaOI.7FCrEMTkNd5x2hqnzgULLgAErtegQ0S"));
    });
    it("hashes with a fresh salt, and looks at 72 bytes", () => {
      const [a, b] = [hash("secret", 4), hash("secret", 4)];
      assert.notEqual(a, b);
      assert.ok(verify("secret", a) && !verify("Secret", a));
      assert.ok(verify("x".repeat(72) + "y", hash("x".repeat(72) + "z", 4)));
    });
  });
});
