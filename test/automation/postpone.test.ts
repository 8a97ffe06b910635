import assert from "node:assert/strict";
import { resolve } from "node:path";
import { execa } from "execa";

const ROOT = resolve(__dirname, "../..");

/** Loads the SDK, awaits a line of JavaScript with it, and says what that gave and which of the two were loaded then. */
async function afterwards(line: string): Promise<{ result: string; loaded: string[] }> {
  const program = `
    const pulumi = require("@pulumi/pulumi");
    (async () => ${line})().then((result) => {
      const files = ["@npmcli/arborist/lib/arborist/index.js", "typescript/lib/typescript.js"];
      const isThere = (file) => Object.keys(require.cache).some((name) => name.endsWith(file));
      console.log(JSON.stringify({ result, loaded: files.filter(isThere).map((file) => file.split("/lib")[0]) }));
    });`;
  const args = ["--require", "./automation/postpone.cjs", "-e", program];
  const { stdout } = await execa(process.execPath, args, { cwd: ROOT });
  return JSON.parse(stdout) as { result: string; loaded: string[] };
}

describe("what the SDK seldom needs", () => {
  it("isn't loaded with it", async () => {
    assert.deepEqual(await afterwards(`"nothing"`), { result: "nothing", loaded: [] });
  });

  it("is there for a function that is serialised", async () => {
    const { result, loaded } = await afterwards(`(await pulumi.runtime.serializeFunction(() => 6 * 7)).text`);
    assert.match(result, /return \(\) => 6 \* 7;/);
    assert.deepEqual(loaded, ["typescript"]);
  });

  it("is there for the code paths of a function's packages", async () => {
    const { result, loaded } = await afterwards(
      `[...(await pulumi.runtime.computeCodePaths()).keys()].join()`,
    );
    assert.match(result, /node_modules\/dockerode/);
    assert.deepEqual(loaded, ["@npmcli/arborist"]);
  });
});
