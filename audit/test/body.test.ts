import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Declared } from "../src/about.ts";
import { http, type HttpEvidence } from "../src/families/http.ts";
import { siteTarget } from "../src/target.ts";
import { ABOUT } from "./healthy.ts";
import { pair } from "./pair.ts";

describe("audit: the limit of request bodies", () => {
  const folder = mkdtempSync(join(tmpdir(), "audit-body-"));
  const limit = 4096;
  let server: Server;

  before(async () => {
    server = createServer(pair(folder, "body.test"), (request, response) => {
      const length = Number(request.headers["content-length"] ?? 0);
      response.writeHead(length > limit ? 413 : 200).end();
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });

  /** What a server that refuses more than {@link limit} answers, where the stack declares that much. */
  async function judged(maxBody: number | undefined): Promise<string> {
    const { port } = server.address() as AddressInfo;
    const site = siteTarget(new URL(`https://body.test:${port}/`), { name: "maicivy", address: "127.0.0.1" });
    const stack: Declared | undefined = maxBody === undefined ? undefined : { ...ABOUT.stack!, maxBody };
    const target = { ...site, httpPort: port, about: { ...site.about, stack } };
    const evidence: HttpEvidence = await http.gather(target, () => undefined);
    const { result, found } = http.checks
      .find(({ id }) => id === "http.body-limit")!
      .judge(evidence, target.about);
    return `${result}: ${found}`;
  }

  it("is the declared one: a byte more must be refused", async () => {
    assert.equal(await judged(limit), "pass: a body of 4097 bytes got 413");
    assert.equal(await judged(limit - 1), "fail: a body of 4096 bytes got 200");
  });

  it("must refuse a terabyte, where none is declared", async () => {
    assert.match(await judged(undefined), /^pass: a body of 1099511627776 bytes got 413/);
  });
});
