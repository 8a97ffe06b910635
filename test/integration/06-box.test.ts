import assert from "node:assert/strict";
import { freePort } from "./support/project.ts";
import { world } from "./support/stack.ts";

describe("a box that is built anew", () => {
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
  });
});
