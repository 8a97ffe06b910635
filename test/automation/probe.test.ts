import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StackOutputs } from "../../automation/lib/outputs.ts";
import { probe, watch } from "../../automation/lib/probe.ts";
import { OUTPUTS } from "../support/outputs.ts";
import { pair } from "../support/pair.ts";

/** A name that no resolver knows: the address must come from the stack. */
const NAME = "edge.probe.invalid";

describe("a probe through the edge", () => {
  const folder = mkdtempSync(join(tmpdir(), "probe-"));
  let server: Server;
  let outputs: StackOutputs;
  let asked: IncomingMessage[];
  let names: string[];
  let answer: (request: IncomingMessage, response: ServerResponse) => void;

  before(async () => {
    const own = pair(folder, NAME);
    server = createServer(own, (request, response) => {
      asked.push(request);
      answer(request, response);
    });
    server.on("secureConnection", (socket) => names.push(String(socket.servername)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://${NAME}:${(server.address() as AddressInfo).port}/`;
    outputs = { ...OUTPUTS, url, certificate: own.cert, health: { api: "/health/deep" } };
  });
  beforeEach(() => {
    [asked, names] = [[], []];
    answer = (_, response) => void response.end("ok");
  });
  after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true });
  });

  const one = async (more: Partial<StackOutputs> = {}, timeout?: number): Promise<string> => {
    const [found] = await probe({ ...outputs, ...more }, timeout);
    return `${found!.ok} ${found!.answer}`;
  };

  it("comes in by the stack's name, at the stack's address, over TLS", async () => {
    const [found] = await probe(outputs);
    assert.deepEqual(
      [found!.app, found!.url, found!.ok, found!.answer],
      ["api", `${outputs.url}health/deep`, true, "200"],
    );
    assert.ok(found!.milliseconds >= 0);
    assert.equal(asked[0]!.headers.host, new URL(outputs.url).host);
    assert.deepEqual(names, [NAME]);
  });

  it("asks by another name where only that leads to an application, and trusts that name's own authority", async () => {
    const folderOfSite = mkdtempSync(join(tmpdir(), "probe-site-"));
    try {
      const site = pair(folderOfSite, "site.probe.invalid");
      server.addContext("site.probe.invalid", site);
      const health = { shop: outputs.url.replace(NAME, "site.probe.invalid") + "up" };
      assert.match(await one({ health }), /^false .*(certificate|altnames)/i);
      assert.equal(await one({ health, siteCertificates: { "site.probe.invalid": site.cert } }), "true 200");
      assert.deepEqual(
        asked.map(({ url }) => url),
        ["/up"],
      );
      assert.equal(await one({ siteCertificates: { "site.probe.invalid": site.cert } }), "true 200");
    } finally {
      rmSync(folderOfSite, { recursive: true });
    }
  });

  it("asks every application, each for its own path", async () => {
    answer = (request, response) => void response.writeHead(request.url === "/bad" ? 503 : 200).end();
    const found = await probe({ ...outputs, health: { api: "/health", web: "/bad" } });
    assert.deepEqual(
      found.map(({ app, ok, answer: status }) => [app, ok, status]),
      [
        ["api", true, "200"],
        ["web", false, "503"],
      ],
    );
  });

  it("takes every 2xx for health", async () => {
    answer = (_, response) => void response.writeHead(204).end();
    assert.equal(await one(), "true 204");
  });

  it("takes a redirect for a failure: health has no other place", async () => {
    answer = (_, response) => void response.writeHead(302, { location: "/login" }).end();
    assert.equal(await one(), "false 302");
  });

  it("takes the statuses that an application declares, and no others", async () => {
    const declared = { statuses: { api: "200-399,401" } };
    answer = (_, response) => void response.writeHead(302, { location: "/login" }).end();
    assert.equal(await one(declared), "true 302");
    answer = (_, response) => void response.writeHead(401).end();
    assert.equal(await one(declared), "true 401");
    assert.equal(await one({ statuses: { web: "401" } }), "false 401");
    answer = (_, response) => void response.writeHead(204).end();
    assert.equal(await one({ statuses: { api: "200" } }), "false 204");
  });

  it("trusts no certificate but the stack's own", async () => {
    const { cert } = pair(folder, "other.probe.invalid");
    assert.match(await one({ certificate: cert }), /^false .*self-signed certificate/);
    assert.deepEqual(asked, []);
  });

  it("refuses a certificate for another name", async () => {
    const url = outputs.url.replace(NAME, "wrong.probe.invalid");
    assert.match(await one({ url }), /^false .*altnames/);
  });

  it("says why there was no answer: no listener, or too late", async () => {
    assert.match(await one({ address: "127.0.0.1", url: `https://${NAME}:1/` }), /^false .*ECONNREFUSED/);
    answer = () => undefined;
    const started = Date.now();
    assert.match(await one({}, 200), /^false .*[Tt]imeout/);
    assert.ok(Date.now() - started < 3000);
  });

  it("goes on for a while when it watches", async () => {
    const started = Date.now();
    assert.deepEqual(
      (await watch(outputs, 0.6)).map(({ ok }) => ok),
      [true],
    );
    assert.ok(Date.now() - started >= 600);
    assert.ok(asked.length >= 3, `${asked.length} rounds`);
  });

  it("comes on connections of its own each time, as none of a minute ago needs to be open still", async () => {
    const rounds = await watch(outputs, 0.6);
    assert.ok(asked.length >= 3 && rounds.every(({ ok }) => ok), `${asked.length} requests`);
    assert.equal(names.length, asked.length);
  });

  it("stops watching at the second failure: one alone can be the network's", async () => {
    answer = (_, response) => void response.writeHead(asked.length % 3 === 0 ? 500 : 200).end();
    assert.equal((await watch(outputs, 30))[0]!.answer, "500");
    assert.equal(asked.length, 6);
  });

  it("goes on where only what was sick before fails, and ends where something else does", async () => {
    const two = { ...outputs, health: { api: "/health", web: "/bad" } };
    answer = (request, response) => void response.writeHead(request.url === "/bad" ? 503 : 200).end();
    const started = Date.now();
    assert.deepEqual(
      (await watch(two, 0.6, { sick: ["web"] })).map(({ ok }) => ok),
      [true, false],
    );
    assert.ok(Date.now() - started >= 600);
    answer = (_, response) => void response.writeHead(503).end();
    asked = [];
    await watch(two, 30, { sick: ["web"] });
    assert.equal(asked.length, 4);
  });

  it("asks once more after a failure, also without a time to watch", async () => {
    answer = (_, response) => void response.writeHead(asked.length === 1 ? 500 : 200).end();
    assert.equal((await watch(outputs, 0))[0]!.answer, "200");
    asked = [];
    answer = (_, response) => void response.writeHead(503).end();
    assert.equal((await watch(outputs, 0))[0]!.answer, "503");
    assert.equal(asked.length, 2);
  });
});
