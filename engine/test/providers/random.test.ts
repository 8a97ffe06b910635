import assert from "node:assert/strict";
import { Secret, UNKNOWN, UnsupportedError } from "../../src/providers/contract.ts";
import type { Props } from "../../src/providers/contract.ts";
import { random } from "../../src/providers/random/index.ts";
import { checked, context, recorded, typeOf } from "./golden.ts";

const ctx = context();
const urn = "urn:pulumi:dev::test::random::r";
const PASSWORD = "random:index/randomPassword:RandomPassword";

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
    assert.deepEqual(new Set(golden.map((r) => r.type.type)).size, 3);
  });
  for (const r of golden.filter(({ type }) => type.type !== PASSWORD))
    it(`records ${r.name} like the official provider`, async () => {
      const { outputs, id } = await r.type.create(ctx, urn, r.inputs, false);
      assert.deepEqual(Object.keys(outputs).sort(), Object.keys(r.outputs).sort());
      const bookkeeping = "__pulumi_raw_state_delta";
      assert.deepEqual(plain(outputs[bookkeeping]), plain(r.outputs[bookkeeping]));
      const drawn = ["result", "id", "hex", "base64", bookkeeping];
      for (const [name, value] of Object.entries(r.outputs))
        if (!drawn.includes(name)) assert.deepEqual(outputs[name], value, name);
        else if (name !== bookkeeping) assert.equal(String(outputs[name]).length, String(value).length, name);
      assert.notEqual(id, r.id);
    });

  it("marks what is always secret", () => {
    assert.deepEqual(random.secretOutputs(PASSWORD), ["bcryptHash", "result"]);
    assert.deepEqual(random.secretOutputs("random:index/randomBytes:RandomBytes"), ["base64", "hex"]);
    assert.deepEqual(random.secretOutputs("random:index/randomUuid:RandomUuid"), []);
  });

  it("writes bytes in matching notations, and a UUID", async () => {
    const drawn = await draw("Bytes", { length: 5 });
    assert.equal(Buffer.from(String(drawn.outputs["hex"]), "hex").toString("base64"), drawn.id);
    assert.equal(Buffer.from(drawn.id, "base64").length, 5);
    assert.match((await draw("Uuid", {})).id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.notEqual((await draw("Uuid", {})).id, (await draw("Uuid", {})).id);
    await assert.rejects(draw("Bytes", { length: 0 }), /length: expected 1 or more, got 0/);
    await assert.rejects(draw("Bytes", {}), /missing required property "length"/);
    await assert.rejects(draw("Bytes", { length: 1, colour: "red" }), UnsupportedError);
  });

  it("keeps a recorded password, and refuses to draw one, in a preview too", async () => {
    const [password] = golden.filter((r) => r.type.type === PASSWORD);
    assert.ok(password);
    const { type, id, inputs, outputs } = password;
    assert.equal((await type.diff(ctx, id, urn, inputs, outputs, inputs)).changes, "none");
    await type.delete(ctx, id, urn, inputs, outputs);
    for (const preview of [true, false])
      await assert.rejects(type.create(ctx, urn, { length: 8 }, preview), UnsupportedError);
  });

  it("replaces for any change, keepers among them", async () => {
    const type = typeOf("random:index/randomBytes:RandomBytes");
    const made = await draw("Bytes", { length: 8, keepers: { day: "1" } });
    const diff = await type.diff(ctx, made.id, urn, {}, made.outputs, { length: 9, keepers: { day: "2" } });
    assert.deepEqual(diff.detailedDiff, {
      "keepers.day": { kind: "update-replace", inputDiff: false },
      length: { kind: "update-replace", inputDiff: false },
    });
    assert.deepEqual([diff.replaces, diff.deleteBeforeReplace], [["keepers", "length"], false]);
  });

  it("knows the inputs in a preview, not the result", async () => {
    const type = typeOf("random:index/randomBytes:RandomBytes");
    const { outputs } = await type.create(ctx, urn, { length: 8 }, true);
    assert.deepEqual([outputs["length"], outputs["hex"], outputs["id"]], [8, UNKNOWN, UNKNOWN]);
  });
});
