import assert from "node:assert/strict";
import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

describe("the bootstrap", () => {
  it("waits for whoever is at apt, and for nothing else", () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-apt-"));
    const apt = `#!/bin/sh
echo again >>"${folder}/runs"
[ "$(wc -l <"${folder}/runs")" -lt 2 ] || { echo "$LAST" >&2; exit "$CODE"; }
echo "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 1 (apt-get)" >&2
exit 100
`;
    writeFileSync(join(folder, "apt-get"), apt, { mode: 0o755 });
    const script = readFileSync(join(__dirname, "..", "..", "assets", "host", "bootstrap.sh"), "utf8");
    const patiently = /^patiently\(\) \{\n[^]*?\n\}$/m.exec(script)![0];
    const run = (code: number): SpawnSyncReturns<string> => {
      rmSync(join(folder, "runs"), { force: true });
      const env = { PATH: `${folder}:${process.env.PATH}`, LAST: "E: no such package", CODE: String(code) };
      return spawnSync("sh", ["-eu"], { input: `${patiently}\npatiently update`, encoding: "utf8", env });
    };
    try {
      const good = run(0);
      assert.deepEqual([good.status, good.stderr], [0, "waiting: another process is at apt\n"]);
      const bad = run(100);
      assert.equal(bad.status, 1);
      assert.match(bad.stderr, /\nE: no such package\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
