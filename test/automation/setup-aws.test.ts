import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { ensureAws, needsAws } from "../../automation/setup/aws.ts";

const ROOT = resolve(__dirname, "..", "..");

interface Lock {
  packages: Record<string, { integrity?: string; peer?: boolean }>;
}

describe("the package for AWS", () => {
  it("is needed by a stack whose file names a setting of the provider", () => {
    const config = (text: string) => (parse(text) as { config: Record<string, unknown> }).config;
    assert.equal(needsAws(config("config: {aws:region: eu-west-3, fairlead:domain: example.com}")), true);
    assert.equal(needsAws(config("config: {fairlead:domain: aws.example.com}")), false);
    assert.equal(needsAws(undefined), false);
  });

  it("is all that npm ci leaves out, with what it alone needs, and the lock file pins both", () => {
    const { packages } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")) as Lock;
    const left = Object.entries(packages).filter(([, { peer }]) => peer);
    assert.deepEqual(
      left.map(([path]) => path),
      ["node_modules/@pulumi/aws", "node_modules/mime"],
    );
    for (const [, { integrity }] of left) assert.match(integrity!, /^sha512-/);
    assert.match(readFileSync(join(ROOT, ".npmrc"), "utf8"), /^omit=peer$/m);
  });

  it("isn't installed through a link to another checkout's packages", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fairlead-aws-"));
    try {
      cpSync(join(ROOT, "package-lock.json"), join(folder, "package-lock.json"));
      symlinkSync(join(folder, "elsewhere"), join(folder, "node_modules"));
      const silent = () => assert.fail("npm was started");
      await assert.rejects(ensureAws(silent, folder), /@pulumi\/aws 7\.48\.0, and node_modules is a link/);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
