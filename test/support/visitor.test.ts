import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Visitor } from "../integration/support/visitor.ts";
import { pair } from "./pair.ts";

const NAME = "visitor.invalid";

describe("the visitor that measures an interruption", () => {
  const folder = mkdtempSync(join(tmpdir(), "interruption-"));
  const own = pair(folder, NAME);
  let server: Server;
  let status = 200;

  const listen = async (port: number): Promise<number> => {
    server = createServer(own, (_, response) => void response.writeHead(status).end());
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const visit = (port: number): Visitor =>
    new Visitor({ url: `https://${NAME}:${port}/`, address: "127.0.0.1", certificate: own.cert }, [
      "/",
      "/items",
    ]);
  after(() => rmSync(folder, { recursive: true }));

  it("finds none while a server answers", async () => {
    const visitor = visit(await listen(0));
    await sleep(500);
    assert.deepEqual(await visitor.stop(), []);
    assert.ok(visitor.count >= 4, `${visitor.count} questions`);
    await close();
  });

  it("measures on each path how long a server was away, and says what came instead", async () => {
    const port = await listen(0);
    const visitor = visit(port);
    await sleep(300);
    await close();
    await sleep(1000);
    await listen(port);
    const found = await visitor.stop();
    assert.deepEqual(found.map(({ path }) => path).sort(), ["/", "/items"]);
    for (const { milliseconds, instead } of found) {
      assert.ok(milliseconds >= 700, `${milliseconds} ms`);
      assert.ok(instead.includes("ECONNREFUSED"), instead.join());
    }
    await close();
  });

  it("counts an error of the server too, until the first good answer", async () => {
    const visitor = visit(await listen(0));
    await sleep(300);
    status = 503;
    await sleep(600);
    status = 200;
    const found = await visitor.stop();
    assert.deepEqual(
      found.map(({ instead }) => instead),
      [["503"], ["503"]],
    );
    await close();
  });
});
