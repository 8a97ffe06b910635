import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { declared, SAMPLES, state, type StateOf } from "../support/declared.ts";

/** What stacks out there have in their state. A change here replaces containers and volumes, or loses them. */
const RECORDED = JSON.parse(readFileSync(join(__dirname, "fixtures", "resources.json"), "utf8")) as Record<
  string,
  StateOf[]
>;

/** What came later: the gate of a release, and the gateway of an application that another one needs. */
const GATEWAY = [
  "$command:remote:Command::backend-gateway-files",
  "$command:remote:Command::backend-gateway-gate",
  "$docker:index/container:Container::backend-gateway",
  "$docker:index/remoteImage:RemoteImage::backend-gateway",
  "::backend-gateway",
];
const gate = (stack: string, app: string): string =>
  `urn:pulumi:${stack}::fairlead::fairlead:index:App$fairlead:index:Release$command:remote:Command::${app}-…-gate`;

describe("the resources of a stack that is already up", () => {
  for (const stack of SAMPLES)
    it(`${stack} keeps their names, types and what their containers and volumes are made from`, async () => {
      const now = state(await declared(stack));
      const before = RECORDED[stack]!;
      assert.ok(before.length > 60);
      // Each is still there, under the name of then or as an alias of today's.
      const known = new Map(now.flatMap((one) => [one.urn, ...one.aliases].map((urn) => [urn, one])));
      for (const { urn, type, inputs } of before) {
        const same = known.get(urn);
        assert.ok(same, `${urn} would be deleted`);
        assert.deepEqual({ type: same.type, inputs: same.inputs }, { type, inputs }, urn);
      }
      const old = new Set(before.map(({ urn }) => urn));
      const added = now.filter(({ urn, aliases }) => ![urn, ...aliases].some((one) => old.has(one)));
      const names = added.map(({ urn }) => urn.replace(/::(\w+)-[0-9a-f]{10}-gate$/, "::$1-…-gate"));
      assert.deepEqual(names.sort(), [
        ...["backend", "frontend"].map(
          (app) => `urn:pulumi:${stack}::fairlead::fairlead:index:App$command:remote:Command::${app}-images`,
        ),
        ...["backend", "frontend"].map((app) => gate(stack, app)),
        ...GATEWAY.map((end) => `urn:pulumi:${stack}::fairlead::fairlead:index:Gateway${end}`),
      ]);
    });
});
