import assert from "node:assert/strict";
import { TestProject } from "../support/project.ts";

describe("what the SDK offers besides plain resources", () => {
  const project = new TestProject(`
    class Provider extends pulumi.ProviderResource {
      constructor(name, props) { super("fake", name, props, { version: "1.0.0" }); }
    }
    const provider = new Provider("own", { region: config.get("region") ?? "here" });
    const group = new Group("g", { providers: { fake: provider } });
    const a = new Thing("a", { text: "yes", secret: pulumi.secret("from-program") }, { parent: group });
    new Thing("b", { text: a.made }, { provider });
    exports.shared = pulumi.secret("from-program");
    exports.urn = a.urn;
  `);
  after(() => project.remove());

  it("explicit providers, handed down by components too, and secrets", async () => {
    await project.ok(["stack", "init", "dev"]);
    await project.ok(["up", "--yes"]);
    const outputs = JSON.parse(await project.ok(["stack", "output", "--json"])) as Record<string, unknown>;
    assert.equal(outputs["shared"], "[secret]");
    assert.equal(outputs["urn"], "urn:pulumi:dev::unit::unit:index:Group$fake:index:Thing::a");
    const state = project.read("state/.pulumi/stacks/unit/dev.json");
    const own = /"provider":"urn:pulumi:dev::unit::pulumi:providers:fake::own::[0-9a-f-]{36}"/g;
    assert.equal(state.match(own)?.length, 2);
    assert.ok(!state.includes("from-program"));
    assert.match(
      await project.ok(["up", "--yes", "--skip-preview", "--refresh"]),
      /Resources:\n +\d+ unchanged/,
    );
    // Another region is another provider: what it manages is replaced.
    await project.ok(["config", "set", "region", "there"]);
    assert.match(await project.ok(["preview"]), /\+-3 to replace/);
    await project.ok(["destroy", "--yes", "--skip-preview"]);
    assert.deepEqual(project.things, []);
  });
}).timeout(60_000);
