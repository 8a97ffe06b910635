import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Visitor } from "../src/http.ts";
import type { Target } from "../src/target.ts";
import { pair } from "./pair.ts";

describe("the audit's visitor", () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-visitor-"));
  let server: Server;
  let visitor: Visitor;
  let methods: string[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  before(async () => {
    server = createServer(pair(folder, "audited.invalid"), (request, response) => {
      methods.push(request.method!);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://audited.invalid:${(server.address() as AddressInfo).port}/`;
    visitor = new Visitor({
      about: { url, names: ["audited.invalid"] },
      address: "127.0.0.1",
    } as unknown as Target);
  });
  beforeEach(async () => {
    [methods, answer] = [[], (_, response) => void response.end("ok")];
    assert.equal((await visitor.ask("/")).status, 200);
  });
  after(async () => {
    await visitor.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  const cut = (times: number): void => {
    answer = (request, response) => void (times-- > 0 ? request.socket.destroy() : response.end("ok"));
  };

  it("asks again when the connection was closed instead of an answer", async () => {
    cut(1);
    assert.equal((await visitor.ask("/")).status, 200);
    assert.deepEqual(methods, ["GET", "GET", "GET"]);
  });

  it("takes a server that always closes for what it is", async () => {
    cut(9);
    await assert.rejects(visitor.ask("/"), /closed|ECONNRESET|hang up/);
    assert.equal(methods.length, 3);
  });

  it("sends nothing twice that may have been done already", async () => {
    cut(1);
    await assert.rejects(visitor.ask("/", { method: "POST" }), /closed|ECONNRESET|hang up/);
    assert.deepEqual(methods, ["GET", "POST"]);
  });
});
