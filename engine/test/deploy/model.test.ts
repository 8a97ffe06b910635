import assert from "node:assert/strict";
import fc from "fast-check";
import { Session, type Want } from "../support/session.ts";
import { fakePackage, World } from "../support/world.ts";

/** A random program: each resource may refer to earlier ones. */
interface Shape {
  present: boolean;
  identity: number;
  text: number;
  hard: number[];
  soft: number[];
  after: number[];
  first: boolean | undefined;
}

const SIZE = 7;

const shape = (index: number): fc.Arbitrary<Shape> => {
  const earlier =
    index === 0 ? fc.constant<number[]>([]) : fc.uniqueArray(fc.nat(index - 1), { maxLength: 2 });
  return fc.record({
    present: fc.boolean().map((b) => b || index % 2 === 0),
    identity: fc.nat(1),
    text: fc.nat(2),
    hard: earlier,
    soft: earlier,
    after: earlier,
    first: fc.constantFrom(undefined, undefined, true, false),
  });
};

const program = fc.tuple(...Array.from({ length: SIZE }, (_, i) => shape(i))).map((shapes): Want[] => {
  const name = (i: number): string => `r${i}`;
  const there = (list: number[]): string[] => list.filter((i) => shapes[i]?.present).map(name);
  return shapes.flatMap((s, i) => {
    if (!s.present) return [];
    const inputs = { identity: s.identity, text: `t${s.text}` };
    const options = s.first === undefined ? {} : { deleteBeforeReplace: s.first };
    return [
      { name: name(i), inputs, hard: there(s.hard), soft: there(s.soft), dependsOn: there(s.after), options },
    ];
  });
});

/** What goes wrong: the n-th operation fails, or the engine dies at the n-th moment. */
interface Trouble {
  kind: "none" | "fail" | "half" | "kill";
  at: number;
}

const trouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Trouble>({ kind: "none", at: 0 }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom<"fail" | "half" | "kill">("fail", "half", "kill"),
      at: fc.integer({ min: 0, max: 40 }),
    }),
  },
);

const never = new Promise<never>(() => undefined);

/** Runs one update that may fail or die. Afterwards nothing of it moves any more. */
async function disturbed(session: Session, wants: readonly Want[] | "destroy", what: Trouble): Promise<void> {
  const { world } = session;
  let moments = 0;
  let dead = false;
  let died: () => void = () => undefined;
  const death = new Promise<void>((resolve) => (died = resolve));
  const moment = (): boolean => {
    if (!dead && what.kind === "kill" && moments++ >= what.at) {
      dead = true;
      died();
    }
    return !dead;
  };
  let operations = 0;
  world.fault = (operation) => {
    if (operation === "init")
      return what.kind === "half" && operations - 1 === what.at % 5 ? "half made" : undefined;
    const hit = operations++ === what.at % 10;
    return hit && what.kind === "fail" ? "fails" : undefined;
  };
  const gate = (): Promise<void> => (moment() ? Promise.resolve() : never);
  const options = { onWrite: moment, packages: { fake: fakePackage(world, gate) } };
  const running = wants === "destroy" ? session.destroy(options) : session.up(wants, options);
  await Promise.race([running, death]);
  // Let what was about to run run into the dead end.
  await new Promise((resolve) => setTimeout(resolve, what.kind === "kill" ? 3 : 0));
  world.fault = () => undefined;
}

/** Everything that exists is in the state, or was noted as what an interrupted creation may have made. */
function nothingLost(session: Session, orphans: ReadonlySet<string>): void {
  const known = new Set(session.state.resources.map((r) => r.id));
  const pending = new Set(
    session.state.pendingOperations.filter((o) => o.type === "creating").map((o) => o.resource.urn),
  );
  for (const { id, urn } of session.world.things.values()) {
    assert.ok(known.has(id) || pending.has(urn) || orphans.has(id), `${id} exists and is forgotten`);
  }
}

/** After an undisturbed update the world is what the program says, but for what was noted as interrupted. */
function converged(session: Session, wants: readonly Want[], orphans: ReadonlySet<string>): void {
  for (const want of wants) {
    const things = [...session.world.things.values()].filter((t) => t.urn.endsWith(`::${want.name}`));
    const owned = things.filter(({ id }) => !orphans.has(id));
    assert.equal(owned.length, 1, `${want.name} exists ${owned.length} times`);
    assert.equal(owned[0]?.inputs["text"], want.inputs?.["text"]);
  }
  const names = new Set(wants.map(({ name }) => name));
  for (const { id, urn } of session.world.things.values()) {
    assert.ok(orphans.has(id) || names.has(urn.split("::").at(-1) ?? ""), `${id} should be deleted`);
  }
  assert.equal(session.state.resources.filter((r) => r.delete || r.pendingReplacement).length, 0);
}

describe("planner, against a model", () => {
  it("never loses, doubles or deletes too early; always converges", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.oneof({ weight: 6, arbitrary: program }, fc.constant("destroy" as const)), trouble),
          {
            minLength: 1,
            maxLength: 5,
          },
        ),
        program,
        async (history, last) => {
          const session = new Session(new World());
          const { orphans } = session.world;
          for (const [wants, what] of history) {
            await disturbed(session, wants, what);
            nothingLost(session, orphans);
            const known = new Set(session.state.resources.map((r) => r.id));
            for (const id of session.world.things.keys()) if (!known.has(id)) orphans.add(id);
          }
          const outcome = await session.up(last);
          assert.ok(!outcome.failed, outcome.messages.join("\n"));
          nothingLost(session, orphans);
          converged(session, last, orphans);
          assert.deepEqual(session.world.violations, []);
          const again = await session.up(last);
          assert.deepEqual(Object.keys(again.changes), ["same"], "a second update has nothing to do");
          await session.destroy();
          assert.deepEqual(
            [...session.world.things.keys()].filter((id) => !orphans.has(id)),
            [],
          );
          assert.equal(session.state.resources.length, 0);
        },
      ),
      { numRuns: Number(process.env["FC_RUNS"] ?? 150), endOnFailure: true },
    );
  }).timeout(120_000);
});
