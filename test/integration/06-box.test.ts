import assert from "node:assert/strict";
import { execa } from "execa";
import { boxName } from "./support/box.ts";
import { freePort } from "./support/project.ts";
import { world } from "./support/stack.ts";

describe("a box that is built anew", () => {
  before("the stack, with data", async () => {
    await world.ready();
    await world.anchor();
  });

  it("keeps its data, and everything on it is made again", async () => {
    const items = (await world.client.ask("/api/items")).body;
    assert.match(items, /anchor/);
    const port = await freePort();
    world.project.edit("staging", (document) =>
      document.setIn(["config", "fairlead:server", "box", "ports", "ssh"], port),
    );
    const { changed } = await world.up();
    assert.ok(changed > 30, `${changed} resources changed`);
    assert.match(world.staging.ssh, new RegExp(`-p ${port} `));
    assert.equal((await world.client.ask("/health/deep")).status, 200);
    assert.equal((await world.client.ask("/api/items")).body, items);
    assert.equal((await world.up()).changed, 0);
    world.keep();
  });

  it("is made again by npm run up after it was removed, with the data on its volume", async () => {
    const items = (await world.client.ask("/api/items")).body;
    await execa("docker", ["rm", "--force", await boxName()]);
    const { repaired } = await world.up();
    assert.ok(repaired.length > 20, repaired.join("\n"));
    assert.equal((await world.client.ask("/health/deep")).status, 200);
    assert.equal((await world.client.ask("/api/items")).body, items);
    assert.equal((await world.up()).changed, 0);
  });
});
