import assert from "node:assert/strict";
import { TestProject } from "../support/project.ts";

describe("what the SDK offers besides plain resources", () => {
  const project = new TestProject("exports.shared = pulumi.secret('from-base'); exports.open = 'yes';");
  after(() => project.remove());

  it("stack references, functions, get, explicit providers, secrets and assets", async () => {
    await project.ok(["stack", "init", "base"]);
    await project.ok(["up", "--yes", "--skip-preview", "--stack", "base"]);
    project.program(`
      const base = new pulumi.StackReference("organization/unit/base");
      class Provider extends pulumi.ProviderResource {
        constructor(name, props) { super("fake", name, props, { version: "1.0.0" }); }
      }
      const provider = new Provider("own", { region: config.get("region") ?? "here" });
      const group = new Group("g", { providers: { fake: provider } });
      const a = new Thing("a", { text: base.getOutput("open"), secret: base.getOutput("shared") }, { parent: group });
      const seen = pulumi.runtime.invokeOutput("fake:index:look", { what: "sea" });
      const b = new Thing("b", { text: seen.apply((s) => s.seen), list: [new pulumi.asset.StringAsset("hi")] }, { provider });
      const taken = new Thing("taken", {}, { id: b.id, provider });
      exports.shared = base.getOutput("shared");
      exports.seen = seen;
      exports.urn = a.urn;
      exports.taken = taken.id;
    `);
    await project.ok(["stack", "init", "dev"]);
    await project.ok(["up", "--yes"]);
    const outputs = JSON.parse(await project.ok(["stack", "output", "--json"])) as Record<string, unknown>;
    assert.equal(outputs["shared"], "[secret]");
    assert.deepEqual(outputs["seen"], { seen: "sea" });
    assert.equal(outputs["urn"], "urn:pulumi:dev::unit::unit:index:Group$fake:index:Thing::a");
    const state = project.read("state/.pulumi/stacks/unit/dev.json");
    assert.match(state, /"provider":"urn:pulumi:dev::unit::pulumi:providers:fake::own::[0-9a-f-]{36}"/);
    assert.ok(!state.includes("from-base"));
    assert.equal(outputs["taken"], project.things.find(({ urn }) => urn.endsWith("::b"))?.id);
    assert.match(
      await project.ok(["up", "--yes", "--skip-preview", "--refresh"]),
      /Resources:\n( +\S+ \d+ read\n)?( +\d+ unchanged)/,
    );
    // Another region is another provider: what it manages is replaced.
    await project.ok(["config", "set", "region", "there"]);
    assert.match(await project.ok(["preview"]), /\+-3 to replace/);
    await project.ok(["destroy", "--yes", "--skip-preview"]);
    assert.deepEqual(project.things, []);
  });
}).timeout(60_000);
