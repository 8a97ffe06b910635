import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, Load } from "../integration/support/client.ts";
import { pair } from "./pair.ts";

const NAME = "visitor.invalid";

describe("the visitor that tests ask as", () => {
  const folder = mkdtempSync(join(tmpdir(), "visitor-"));
  let server: Server;
  let client: Client;
  /** Requests on each connection, by its number. */
  let asked: string[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  before(async () => {
    const own = pair(folder, NAME);
    server = createServer(own, (request, response) => {
      asked.push(request.method!);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://${NAME}:${(server.address() as AddressInfo).port}/`;
    client = new Client({ url, address: "127.0.0.1", certificate: own.cert });
  });
  beforeEach(async () => {
    [asked, answer] = [[], (_, response) => void response.end("ok")];
    assert.equal((await client.ask("/")).status, 200, "a connection is open");
  });
  afterEach(() => server.closeAllConnections());
  after(async () => {
    client.close();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  /** The next request finds its connection closed, and so on for as many. */
  const cut = (
    times: number,
    how = (request: IncomingMessage): unknown => request.socket.destroy(),
  ): void => {
    answer = (request, response) => void (times-- > 0 ? how(request) : response.end("ok"));
  };

  it("sends a request again whose open connection was closed before any answer, as a browser does", async () => {
    cut(1);
    const repeats: string[] = [];
    assert.equal((await client.ask("/", { onRepeat: (why) => repeats.push(why) })).status, 200);
    assert.deepEqual([repeats.length, asked], [1, ["GET", "GET", "GET"]]);
  });

  it("gives up on a new connection that is closed: that is what a visitor sees", async () => {
    cut(2);
    await assert.rejects(client.ask("/"), /hang up|ECONNRESET/);
    assert.equal(asked.length, 3);
  });

  it("never sends twice what may have been done already", async () => {
    cut(1);
    await assert.rejects(client.ask("/", { method: "POST", body: "pay" }), /hang up|ECONNRESET/);
    assert.deepEqual(asked, ["GET", "POST"]);
  });

  it("takes no answer that was cut off for one", async () => {
    answer = (request, response) => {
      response.writeHead(200, { "content-length": 9 }).write("half");
      setTimeout(() => request.socket.destroy(), 20);
    };
    await assert.rejects(client.ask("/"), /aborted|ECONNRESET/);
    assert.equal(asked.length, 2);
  });

  it("distinguishes repeats from losses, under load", async () => {
    let count = 0;
    answer = (request, response) => {
      count++;
      if (count === 5) request.socket.destroy();
      else response.writeHead(count === 9 ? 503 : 200).end("ok");
    };
    const load = new Load(client, "/", 1, 1);
    while (count < 12) await new Promise((resolve) => setTimeout(resolve, 5));
    await load.stop();
    assert.deepEqual(load.lost, ["503 ok"]);
    assert.equal(load.failures.length, 2);
    assert.match(load.failures[0]!, /sent again$/);
  });
});
