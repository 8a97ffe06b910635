import assert from "node:assert/strict";
import { torture } from "./support/torture/world.ts";

interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  rawHeaders: string[];
}

describe("the torture application behind the whole stack", function () {
  this.timeout(300_000);
  before("the torture application", () => torture.ready());

  it("answers, and shows what reached it", async () => {
    const { client } = torture;
    const answer = await client.ask("/any/path");
    assert.deepEqual([answer.status, answer.headers["x-version"]], [200, "first"]);
    const echo = await client.json<Echo>("/echo?x=1", { method: "PUT", body: "text" });
    assert.deepEqual([echo.method, echo.url], ["PUT", "/echo?x=1"]);
    assert.equal(echo.headers["x-forwarded-proto"], "https");
  });

  it("takes another release, and is the first one again for the next file", async () => {
    await torture.release({ VERSION: "second" });
    assert.equal((await torture.client.ask("/")).headers["x-version"], "second");
    await torture.ready();
    assert.equal((await torture.client.ask("/")).headers["x-version"], "first");
  });
});
