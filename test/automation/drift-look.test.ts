import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../automation/lib/errors.ts";
import { inspectHere } from "../../automation/drift/look.ts";

describe("a look at the box on this machine", () => {
  const { DOCKER_HOST } = process.env;
  const folder = mkdtempSync(join(tmpdir(), "fairlead-docker-"));
  let engine: Server | undefined;

  afterEach(() => {
    engine?.close();
    if (DOCKER_HOST === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = DOCKER_HOST;
  });
  after(() => rmSync(folder, { recursive: true }));

  /** An engine with one answer to everything; the path of what it is asked goes into a container's `Id`. */
  async function answering(status: number, body: (path: string) => object): Promise<void> {
    const socket = join(folder, "docker.sock");
    engine = createServer((request, answer) =>
      answer.writeHead(status).end(JSON.stringify(body(request.url!))),
    );
    await new Promise<void>((done) => engine!.listen(socket, done));
    process.env.DOCKER_HOST = `unix://${socket}`;
  }

  it("finds it", async () => {
    await answering(200, (path) => ({ Id: path }));
    assert.deepEqual(await inspectHere("abc"), { Id: "/containers/abc/json" });
  });

  it("knows that it is gone", async () => {
    await answering(404, () => ({ message: "No such container: abc" }));
    assert.equal(await inspectHere("abc"), undefined);
  });

  it("doesn't call it gone when the engine is silent: the remedy for that deletes the stack", async () => {
    process.env.DOCKER_HOST = `unix://${join(folder, "nobody.sock")}`;
    await assert.rejects(
      inspectHere("abc"),
      (error) =>
        error instanceof UserError &&
        /doesn't answer: connect ENOENT/.test(error.message) &&
        /start the engine/.test(error.remedy),
    );
  });
});
