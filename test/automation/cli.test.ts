import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";

const ROOT = join(__dirname, "..", "..");

/** The command line as `npm run` starts it. */
async function run(...args: string[]): Promise<{ exitCode: number | undefined; stderr: string }> {
  const { exitCode, stderr } = await execa(
    process.execPath,
    ["automation/bootstrap.mjs", "automation/cli.ts", ...args],
    { cwd: ROOT, reject: false, stdin: "ignore" },
  );
  return { exitCode, stderr };
}

describe("the command line", function () {
  this.timeout(60_000);

  for (const verb of ["drift", "audit"])
    it(`doesn't take a wrong option of ${verb} for an answer`, async () => {
      const { exitCode, stderr } = await run(verb, "--nonsense");
      assert.match(stderr, /unknown option '--nonsense'/);
      assert.equal(exitCode, 2);
    });

  it("refuses a time to watch that is no number, which would never end", async () => {
    const { exitCode, stderr } = await run("promote", "--watch", "soon");
    assert.match(stderr, /Expected whole seconds such as 10, found "soon"/);
    assert.equal(exitCode, 1);
  });
});
