import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { explain } from "../../automation/lib/errors.ts";
import { ensurePassphrase } from "../../automation/lib/workspace.ts";

describe("the passphrase", () => {
  let root = "";
  const variables = ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"];
  const before = variables.map((name) => process.env[name]);
  const file = (): string => join(root, ".fairlead", "passphrase");

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "passphrase-"));
    for (const name of variables) delete process.env[name];
  });
  afterEach(() => {
    rmSync(root, { recursive: true });
    variables.forEach((name, index) => {
      if (before[index] !== undefined) process.env[name] = before[index];
      else delete process.env[name];
    });
  });

  it("is made once, for stacks that have nothing encrypted yet", () => {
    writeFileSync(join(root, "Pulumi.prod.yaml"), "config: {}\n");
    assert.equal(ensurePassphrase(root), true);
    const made = readFileSync(file(), "utf8");
    assert.equal(ensurePassphrase(root), false);
    assert.equal(readFileSync(file(), "utf8"), made);
  });

  it("is never made anew where something is encrypted: its place and the remedy are said, nothing is written", () => {
    writeFileSync(join(root, "Pulumi.prod.yaml"), "config: {}\nencryptionsalt: v1:abc\n");
    assert.throws(
      () => ensurePassphrase(root),
      (error: Error & { remedy?: string }) =>
        error.message.endsWith(file()) && /PULUMI_CONFIG_PASSPHRASE_FILE/.test(error.remedy ?? ""),
    );
    assert.deepEqual(readdirSync(root), ["Pulumi.prod.yaml"]);
  });

  it("may be the user's own, and then none is made", () => {
    writeFileSync(join(root, "Pulumi.prod.yaml"), "config: {}\nencryptionsalt: v1:abc\n");
    process.env.PULUMI_CONFIG_PASSPHRASE = "mine";
    assert.equal(ensurePassphrase(root), false);
    assert.ok(!existsSync(file()));
  });

  it("is made also where the shell names its file already, as it does for npx pulumi", () => {
    process.env.PULUMI_CONFIG_PASSPHRASE_FILE = file();
    assert.equal(ensurePassphrase(root), true);
    assert.ok(existsSync(file()));
  });

  it("in a file of the user's own is never made", () => {
    process.env.PULUMI_CONFIG_PASSPHRASE_FILE = join(root, "mine");
    assert.equal(ensurePassphrase(root), false);
    assert.deepEqual(readdirSync(join(root, ".fairlead")), ["state"]);
  });

  it("is reported missing by every verb", () => {
    const text =
      "error: unable to read PULUMI_CONFIG_PASSPHRASE_FILE: ENOENT: no such file or directory, open '/p/.fairlead/passphrase'";
    assert.match(explain(new Error(text)).message, /is missing: \/p\/\.fairlead\/passphrase$/);
  });
});
