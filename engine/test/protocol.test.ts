import assert from "node:assert/strict";
import fc from "fast-check";
import { Secret, UNKNOWN, type Value } from "../src/providers/contract.ts";
import { goalOf } from "../src/protocol/goals.ts";
import { resource as pb, struct, type Resource } from "../src/protocol/protos.ts";
import { decode, encode, wireSecrets, type Json } from "../src/values/codec.ts";
import { formatPath, parsePath, resetPath } from "../src/values/path.ts";
import { equal, hasSecret, inheritSecrets, reveal } from "../src/values/value.ts";

const value: fc.Arbitrary<Value> = fc.letrec<{ value: Value; leaf: Value }>((tie) => ({
  leaf: fc.oneof(fc.constantFrom<Value>(null, true, false, UNKNOWN), fc.string(), fc.integer()),
  value: fc.oneof(
    { depthSize: "small" },
    tie("leaf"),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.stringMatching(/^[a-z]\w{0,5}$/), tie("value"), { maxKeys: 3 }),
    tie("value").map((v) => (v instanceof Secret ? v : new Secret(v))),
  ),
})).value;

describe("values", () => {
  it("survive the wire", () => {
    fc.assert(
      fc.property(value, (v) => {
        const back = decode(JSON.parse(JSON.stringify(encode(v, wireSecrets))) as Json, wireSecrets);
        assert.ok(equal(back, v));
        assert.equal(hasSecret(back), hasSecret(v));
        assert.deepEqual(reveal(back), reveal(v));
      }),
    );
  });

  it("assets and archives are refused by name", () => {
    for (const sig of ["c44067f5952c0a294b673a41bacd8c17", "0def7320c3a5731c473e5ecbe6d01bc7"]) {
      const object = { "4dabf18193072939515e22adb298388d": sig, path: "p", hash: "aa" };
      assert.throws(() => decode({ list: [object] }, wireSecrets), /an asset or archive is not supported/);
    }
  });

  it("output values give up their dependencies", () => {
    const sig = { "4dabf18193072939515e22adb298388d": "d0e6a833031e9bbcd3f4e8bde6ca49a4" };
    const urns = new Set<string>();
    const known = decode({ ...sig, value: "x", secret: true, dependencies: ["urn:a"] }, wireSecrets, urns);
    assert.deepEqual([known, [...urns]], [new Secret("x"), ["urn:a"]]);
    assert.equal(decode(sig, wireSecrets), UNKNOWN);
  });

  it("secrets spread from inputs to the outputs of the same name", () => {
    const inputs = { a: new Secret(1), list: [new Secret(1)], deep: { x: new Secret(1), y: 2 } };
    const outputs = inheritSecrets({ a: 1, list: [1], deep: { x: 1, y: 2 }, other: 3 }, inputs);
    assert.deepEqual(outputs, {
      a: new Secret(1),
      list: new Secret([1]),
      deep: { x: new Secret(1), y: 2 },
      other: 3,
    });
  });

  it("paths are read and written back", () => {
    for (const [text, path] of [
      ["a.b[0].c", ["a", "b", 0, "c"]],
      ['labels["a.b"]', ["labels", "a.b"]],
      ["list[*].x", ["list", "*", "x"]],
    ] as const) {
      assert.deepEqual(parsePath(text), path);
    }
    assert.equal(formatPath(parsePath('a["b.c"][2]')), 'a["b.c"][2]');
    assert.throws(() => parsePath("a[0"), /can't read it from position 2/);
    assert.deepEqual(resetPath({ a: [1, 2] }, { a: [3, 4, 5] }, ["a", 1]), { a: [3, 2, 5] });
    assert.deepEqual(resetPath({}, { a: 1, b: 2 }, ["a"]), { b: 2 });
  });
});

describe("a registration", () => {
  const request = (
    change: (r: Resource.RegisterResourceRequest) => unknown,
  ): Resource.RegisterResourceRequest => {
    const r = new pb.RegisterResourceRequest().setType("fake:index:Thing").setName("n").setCustom(true);
    change(r);
    return r;
  };

  it("is read with all its options", () => {
    const goal = goalOf(
      request((r) => {
        r.setProtect(true).setDeletebeforereplacedefined(true).setDeletedwith("urn:d").setParent("urn:p");
        r.setDependenciesList(["urn:a", "urn:a"]).setIgnorechangesList(["x"]).setReplaceonchangesList(["*"]);
        r.setCustomtimeouts(new pb.RegisterResourceRequest.CustomTimeouts().setCreate("1h1m30s"));
        r.setObject(struct.Struct.fromJavaScript({ text: "t" }));
      }),
      "/project",
    );
    assert.deepEqual(goal.inputs, { text: "t" });
    assert.deepEqual(goal.dependencies, ["urn:a"]);
    assert.equal(goal.customTimeouts.create, 3690);
    assert.deepEqual([goal.protect, goal.deleteBeforeReplace, goal.retainOnDelete], [true, false, false]);
  });

  const refused: [string, (r: Resource.RegisterResourceRequest) => unknown][] = [
    ["import", (r) => r.setImportid("i")],
    ["replaceWith", (r) => r.setReplaceWithList(["urn:x"])],
    ["replacementTrigger", (r) => r.setReplacementTrigger(struct.Value.fromJavaScript("x"))],
    ["hideDiffs", (r) => r.setHidediffsList(["x"])],
    ["pluginDownloadURL", (r) => r.setPlugindownloadurl("https://example.org")],
    ["parameterized package", (r) => r.setPackageref("p")],
    ["remote component", (r) => r.setRemote(true)],
  ];
  for (const [option, change] of refused) {
    it(`with ${option} is refused by name`, () => {
      assert.throws(
        () => goalOf(request(change), "/project"),
        new RegExp(`"n": the resource option "${option}" is not`),
      );
    });
  }
});
