import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { UserError } from "../../automation/errors.ts";
import { inspectHere } from "../../automation/drift/look.ts";

describe("a look at the box on this machine", () => {
  const { PATH } = process.env;
  const folder = mkdtempSync(join(tmpdir(), "fairlead-docker-"));

  before(() => (process.env.PATH = `${folder}${delimiter}${PATH}`));
  after(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  /** A `docker` that only has this to say. */
  function docker(script: string): void {
    writeFileSync(join(folder, "docker"), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, "docker"), 0o755);
  }

  it("finds it", async () => {
    docker(`echo '[{"Id":"'"$3"'"}]'`);
    assert.deepEqual(await inspectHere("abc"), { Id: "abc" });
  });

  it("knows that it is gone", async () => {
    docker("echo 'Error response from daemon: No such container: abc' >&2; exit 1");
    assert.equal(await inspectHere("abc"), undefined);
  });

  it("doesn't call it gone when the engine is silent: the remedy for that deletes the stack", async () => {
    docker("echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock.' >&2; exit 1");
    await assert.rejects(
      inspectHere("abc"),
      (error) =>
        error instanceof UserError &&
        /doesn't answer: Cannot connect/.test(error.message) &&
        /start the engine/.test(error.remedy),
    );
  });
});
