import assert from "node:assert/strict";
import { empty, Session, urnOf, type Want } from "../support/session.ts";
import { World } from "../support/world.ts";
import { Secret, UNKNOWN } from "../../src/providers/contract.ts";
import { withoutIgnored } from "../../src/deploy/diff.ts";

/** The fake world's log without what reads. */
const done = (world: World): string[] => world.log.splice(0).filter((line) => !line.startsWith("read"));

const options = (name: string, o: Want["options"], inputs: Want["inputs"] = {}): Want => ({
  name,
  inputs,
  options: o,
});

describe("resource options", () => {
  let session: Session;
  beforeEach(() => (session = new Session(new World())));
  const up = async (...program: Want[]): Promise<string[]> => {
    const outcome = await session.up(program);
    assert.ok(!outcome.failed, outcome.messages.join());
    return done(session.world);
  };

  it("create, same, update, replace, delete; dependents are deleted first", async () => {
    const chain = (identity: number): Want[] => [
      { name: "a", inputs: { identity } },
      { name: "b", hard: ["a"] },
      { name: "c", soft: ["b"] },
    ];
    assert.deepEqual(await up(...chain(0)), ["create a", "create b", "create c"]);
    assert.deepEqual(await up(...chain(0)), []);
    assert.deepEqual(await up(...chain(1)), ["create a", "create b", "update c", "delete b", "delete a"]);
    assert.deepEqual((await up()).sort(), ["delete a", "delete b", "delete c"]);
    assert.deepEqual(session.state.resources.map(({ type }) => type).sort(), [
      "pulumi:providers:fake",
      "pulumi:pulumi:Stack",
    ]);
  });

  it("deleteBeforeReplace replaces the dependents that would be replaced too, and only them", async () => {
    const program = (identity: number): Want[] => [
      { name: "a", inputs: { identity }, options: { deleteBeforeReplace: true } },
      { name: "hard", hard: ["a"] },
      { name: "soft", soft: ["a"] },
      { name: "after", dependsOn: ["a"] },
    ];
    await up(...program(0));
    assert.deepEqual(await up(...program(1)), [
      "delete hard",
      "delete a",
      "create a",
      "create hard",
      "update soft",
    ]);
  });

  it("old halves of other replacements, and their dependents, are deleted before what they depend on", async () => {
    await up({ name: "a" }, { name: "b", hard: ["a"] }, { name: "c", hard: ["b"] });
    const log = await up(
      { name: "b", inputs: { identity: 1 } },
      { name: "a", inputs: { identity: 1 }, options: { deleteBeforeReplace: true } },
      { name: "c", hard: ["b"] },
    );
    assert.deepEqual(session.world.violations, []);
    assert.deepEqual([...log].sort(), [
      "create a",
      "create b",
      "create c",
      "delete a",
      "delete b",
      "delete c",
    ]);
    assert.ok(
      log.indexOf("delete c") < log.indexOf("delete b") && log.indexOf("delete b") < log.indexOf("delete a"),
    );
  });

  it("deleteBeforeReplace: false overrules the provider's wish", async () => {
    await up({ name: "a", inputs: { first: true, identity: 0 } });
    assert.deepEqual(await up({ name: "a", inputs: { first: true, identity: 1 } }), ["delete a", "create a"]);
    const want = options("a", { deleteBeforeReplace: false }, { first: true, identity: 2 });
    assert.deepEqual(await up(want), ["create a", "delete a"]);
  });

  it("protect refuses deletion and replacement", async () => {
    await up(options("a", { protect: true }, { identity: 0 }));
    const replaced = await session.up([options("a", { protect: true }, { identity: 1 })]);
    assert.match(replaced.messages.join(), /unable to replace resource.*marked for protection/s);
    const removed = await session.up([]);
    assert.match(removed.messages.join(), /cannot be deleted because it is protected/);
    assert.deepEqual(done(session.world), []);
    assert.deepEqual(await up(options("a", {}, { identity: 0 })), []);
    assert.deepEqual(await up(), ["delete a"]);
  });

  it("retainOnDelete keeps the resource, deletedWith deletes it with its owner", async () => {
    await up(
      options("kept", { retainOnDelete: true }),
      { name: "owner" },
      { name: "part", deletedWith: "owner" },
    );
    done(session.world);
    assert.deepEqual(await up(), ["delete owner"]);
    assert.equal(session.world.of(urnOf("kept")).length, 1);
    assert.equal(session.state.resources.length, 2);
  });

  it("ignoreChanges keeps the old inputs, nested paths and * too", async () => {
    const want = (text: string, x: number): Want =>
      options("a", { ignoreChanges: ["text", "list[*].x"] }, { text, list: [{ x, y: 1 }] });
    await up(want("one", 1));
    done(session.world);
    assert.deepEqual(await up(want("two", 2)), []);
    assert.deepEqual(await up(options("a", {}, { text: "two", list: [{ x: 2, y: 1 }] })), ["update a"]);
  });

  it("ignoreChanges leaves out what a provider finds changed in the state itself", () => {
    const diff = {
      changes: "some" as const,
      deleteBeforeReplace: false,
      stables: [],
      diffs: ["opts", "text"],
      replaces: ["opts"],
      detailedDiff: {
        "opts[2]": { kind: "add-replace" as const, inputDiff: false },
        text: { kind: "update" as const, inputDiff: false },
      },
    };
    const left = withoutIgnored(diff, ["opts"]);
    assert.deepEqual([left.changes, left.diffs, left.replaces], ["some", ["text"], []]);
    assert.deepEqual(Object.keys(left.detailedDiff), ["text"]);
    assert.equal(withoutIgnored(diff, ["opts[*]", "text"]).changes, "none");
    assert.deepEqual(withoutIgnored(diff, ["opts[1]"]), diff);
    const both = { ...diff.detailedDiff, "opts[1]": { kind: "update" as const, inputDiff: false } };
    const part = withoutIgnored({ ...diff, detailedDiff: both }, ["opts[2]"]);
    assert.deepEqual([part.diffs, part.replaces], [["opts", "text"], []]);
  });

  it("replaceOnChanges by path and by *", async () => {
    const want = (text: string, soft: string, paths: string[]): Want =>
      options("a", { replaceOnChanges: paths }, { text, soft });
    await up(want("1", "1", ["text"]));
    done(session.world);
    assert.deepEqual(await up(want("1", "2", ["text"])), ["update a"]);
    assert.deepEqual(await up(want("2", "2", ["text"])), ["create a", "delete a"]);
    assert.deepEqual(await up(want("2", "3", ["*"])), ["create a", "delete a"]);
  });

  it("a half-made resource is recorded with its reasons and tried again, or replaced by *", async () => {
    const { world } = session;
    world.fault = (operation) => (operation === "init" ? "half made" : undefined);
    const first = await session.up([{ name: "a" }]);
    assert.match(first.messages.join(), /not ready/);
    assert.deepEqual(session.state.resources.at(-1)?.initErrors, ["not ready"]);
    world.fault = () => undefined;
    done(world);
    const half = session.state;
    assert.deepEqual(await up({ name: "a" }), ["update a"]);
    assert.equal(session.state.resources.at(-1)?.initErrors, undefined);
    session.state = half;
    assert.deepEqual(await up(options("a", { replaceOnChanges: ["*"] })), ["create a", "delete a"]);
  });

  it("aliases: by name, by URN, and through a renamed parent; references follow", async () => {
    await up(
      { name: "old", component: true },
      { name: "old-a", parent: "old" },
      { name: "b", hard: ["old-a"] },
    );
    done(session.world);
    const renamed = await session.up([
      { name: "new", component: true, options: { aliases: [{ name: "old" }] } },
      { name: "new-a", parent: "new" },
      { name: "c", hard: ["new-a"], options: { aliases: [{ urn: urnOf("b") }] } },
    ]);
    assert.ok(!renamed.failed, renamed.messages.join());
    assert.deepEqual(done(session.world), []);
    const urns = session.state.resources.map(({ urn }) => urn.split("::").at(-1));
    assert.deepEqual(urns.slice(2), ["new", "new-a", "c"]);
  });

  it("secrets: inputs, whole arrays, provider outputs and additionalSecretOutputs", async () => {
    const want = options(
      "a",
      { additionalSecretOutputs: ["extra"] },
      { secret: new Secret("s"), list: [1, new Secret(2)] },
    );
    const { made } = await session.up([want]);
    const { outputs = {} } = made.get("a") ?? {};
    const secret = Object.keys(outputs).filter((key) => outputs[key] instanceof Secret);
    assert.deepEqual(secret.sort(), ["extra", "key", "list", "secret"]);
  });

  it("a preview changes nothing and knows what it can't know", async () => {
    const preview = await session.up([{ name: "a" }, { name: "b", hard: ["a"] }], { preview: true });
    assert.deepEqual(preview.changes, { create: 3 });
    assert.equal(preview.made.get("a")?.outputs["made"], UNKNOWN);
    assert.equal(session.state, empty);
    assert.deepEqual(session.world.log, []);
  });

  it("--target touches only its targets", async () => {
    const program = (text: string): Want[] => [
      { name: "a", inputs: { text } },
      { name: "b", inputs: { text }, hard: ["a"] },
      { name: "c", inputs: { text } },
    ];
    await up(...program("1"));
    done(session.world);
    await session.up(program("2"), { targets: [urnOf("b")] });
    assert.deepEqual(done(session.world), ["update b"]);
    await session.up(program("3"), { targets: ["**::a"], targetDependents: true });
    assert.deepEqual(done(session.world), ["update a", "update b"]);
    const barred = await session.destroy({ targets: [urnOf("a")] });
    assert.match(barred.messages.join(), /depend on a target.*Thing::b/s);
    await session.destroy({ targets: [urnOf("a")], targetDependents: true });
    assert.deepEqual(done(session.world), ["delete b", "delete a"]);
    const missing = await session.up(program("3"), { targets: [urnOf("b")] });
    assert.match(missing.messages.join(), /depends on '.*Thing::a' which was not specified/);
  });

  it("failed checks name the property; nothing is created", async () => {
    const outcome = await session.up([{ name: "a", inputs: { text: "bad" } }]);
    assert.match(
      outcome.messages.join(),
      /fake:index:Thing resource 'a' has a problem: text: must not be bad/,
    );
    assert.deepEqual(session.world.log, []);
  });

  it("running steps end and are recorded when another one fails; no more than --parallel run", async () => {
    let running = 0;
    let most = 0;
    const { world } = session;
    const operate = world.operate.bind(world);
    world.operate = async (operation, urn, effect, gate) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, urn.endsWith("bad") ? 5 : 20));
      running--;
      if (urn.endsWith("bad")) throw new Error("no");
      return operate(operation, urn, effect, gate);
    };
    const wants = ["bad", "r1", "r2", "r3", "r4"].map((name) => ({ name }));
    const outcome = await session.up(wants, { parallel: 3 });
    assert.ok(outcome.failed);
    assert.equal(most, 3);
    assert.deepEqual(
      [...world.things.values()].map(({ urn }) => urn),
      [urnOf("r1"), urnOf("r2")],
    );
    assert.equal(session.state.resources.filter(({ type }) => type === "fake:index:Thing").length, 2);
  });

  it("refresh records what exists and drops what doesn't", async () => {
    await up({ name: "a", inputs: { text: "1" } }, { name: "b", hard: ["a"] });
    const [a, b] = ["a", "b"].map((name) => session.world.of(urnOf(name))[0]);
    assert.ok(a && b);
    session.world.things.set(b.id, { ...b, inputs: { ...b.inputs, text: "drift" } });
    session.world.things.delete(a.id);
    const preview = await session.refresh({ preview: true });
    assert.deepEqual(preview.changes, { same: 1, delete: 1, update: 1 });
    await session.refresh();
    assert.deepEqual(session.state.resources.map(({ urn }) => urn.split("::").at(-1)).slice(2), ["b"]);
    assert.equal(session.state.resources.at(-1)?.inputs["text"], "drift");
  });
});
