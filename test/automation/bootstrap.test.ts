import assert from "node:assert/strict";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { execa } from "execa";

const ROOT = join(__dirname, "..", "..");

describe("the first start in a clone", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bootstrap-"));
    for (const file of ["automation/bootstrap.mjs", "package-lock.json"])
      cpSync(join(ROOT, file), join(folder, file));
    mkdirSync(join(folder, "bin"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** Starts it with an npm of which only this much is known. */
  async function start(
    npm: string,
    more: NodeJS.ProcessEnv = {},
  ): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
    const file = join(folder, "bin", "npm");
    writeFileSync(file, `#!/bin/sh\n${npm}\n`);
    chmodSync(file, 0o755);
    const path = [join(folder, "bin"), dirname(process.execPath), process.env.PATH].join(delimiter);
    const argv = ["automation/bootstrap.mjs", "automation/cli.ts", "up"];
    const env = { ...more, PATH: path };
    return execa(process.execPath, argv, { cwd: folder, env, reject: false, timeout: 9000 });
  }

  /** An npm that installs a Node which does only this. */
  const node = (script: string): string =>
    `mkdir -p node_modules/.bin; printf '#!/bin/sh\n${script}\n' > node_modules/.bin/node; chmod +x node_modules/.bin/node`;

  it("says why packages can't be installed, and installs nothing", async () => {
    const { exitCode, stderr } = await start("echo no network >&2; exit 7");
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /Installing the pinned npm packages[^]*no network[^]*npm ci failed with exit code 7/,
    );
    assert.ok(!existsSync(join(folder, "node_modules", ".fairlead-lock")));
  });

  it("says when an installation left Node out", async () => {
    const { exitCode, stderr } = await start("exit 0");
    assert.equal(exitCode, 1);
    assert.match(stderr, /npm ci did not install Node/);
  });

  it("runs what was asked for with the Node that it installed", async () => {
    const { exitCode } = await start(node("exit 42"));
    assert.equal(exitCode, 42);
    assert.ok(existsSync(join(folder, "node_modules", ".fairlead-lock")));
  });

  for (const [env, colour] of [
    [{ CI: "true" }, "none"],
    [{ FORCE_COLOR: "1" }, "1"],
  ] as const)
    it(`${colour === "none" ? "wants no colours in a pipe" : "leaves colours to who asks for them"}: ${Object.keys(env).join()}`, async () => {
      const { stdout } = await start(node("echo no ${NO_COLOR:-0}, force ${FORCE_COLOR:-0}"), {
        NO_COLOR: undefined,
        FORCE_COLOR: undefined,
        ...env,
      });
      assert.equal(stdout, colour === "none" ? "no 1, force 0" : "no 0, force 1");
    });
});
