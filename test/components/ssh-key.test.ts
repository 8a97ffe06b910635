import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { utils } from "ssh2";
import { sshKey } from "../../components/host/ssh-key.ts";

const SEED = Buffer.alloc(32, 7).toString("base64");

describe("SSH keys from a seed", () => {
  it("are read by an SSH library, and always the same", () => {
    const { privateKey, publicKey } = sshKey(SEED);
    const read = utils.parseKey(privateKey);
    assert.ok(!(read instanceof Error));
    assert.equal(`ssh-ed25519 ${read.getPublicSSH().toString("base64")}`, publicKey);
    assert.deepEqual(sshKey(SEED), { privateKey, publicKey });
  });

  it("are read by OpenSSH", function () {
    const folder = mkdtempSync(join(tmpdir(), "key-"));
    try {
      const { privateKey, publicKey } = sshKey(SEED);
      writeFileSync(join(folder, "key"), privateKey, { mode: 0o600 });
      assert.equal(
        execFileSync("ssh-keygen", ["-y", "-f", join(folder, "key")])
          .toString()
          .trim(),
        publicKey,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("need 32 bytes", () => assert.throws(() => sshKey("AAAA"), /32 bytes/));
});
