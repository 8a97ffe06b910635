import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { readComplete, readConfig } from "../../automation/lib/stack-config.ts";
import { UserError } from "../../automation/lib/errors.ts";
import { refuseTooLarge } from "../../automation/setup/size.ts";
import { ConfigError } from "../../config/problems.ts";
import { MINIMAL, raw } from "../support/settings.ts";

/** A stack that has nothing but its configuration, as the Automation API hands it over. */
function stack(values: Record<string, string>): Stack {
  const all = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value }]));
  return { name: "test", getAllConfig: async () => all } as Partial<Stack> as Stack;
}

describe("a stack's configuration through the Automation API", () => {
  it("is parsed like the program's, secrets apart", async () => {
    const { config, secrets } = await readConfig(stack({ ...raw(MINIMAL), "fairlead:API_KEY": "k" }));
    assert.equal(config.apps.api?.port, 8080);
    assert.deepEqual(secrets, { API_KEY: "k" });
  });

  it("is refused with every problem, naming the stack's file", async () => {
    const bad = stack(raw({ ...MINIMAL, domain: "x", images: "none" }));
    await assert.rejects(readConfig(bad), (error: unknown) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /Pulumi\.test\.yaml has 2 problems/);
      return true;
    });
  });

  it("is complete for set-up before digests are recorded, but not without a secret", async () => {
    assert.deepEqual((await readComplete(stack(raw(MINIMAL)))).config.digests, {});
    const { api } = MINIMAL.apps;
    const needy = stack(raw({ ...MINIMAL, apps: { api: { ...api, secrets: ["API_KEY"] } } }));
    await assert.rejects(readComplete(needy), /apps\.api\.secrets\[0\]: the secret API_KEY is not set/);
  });

  it("of more than the official CLI can pass on is refused where that one runs, and only there", async () => {
    const large = { "fairlead:big": "x".repeat(131_072) };
    await assert.rejects(
      refuseTooLarge(large, async () => true),
      (error: unknown) =>
        error instanceof UserError &&
        /129 kB/.test(error.message) &&
        /FAIRLEAD_ENGINE=embedded/.test(error.remedy),
    );
    await refuseTooLarge(large, async () => false);
    await refuseTooLarge({ "fairlead:big": "x".repeat(131_000) }, async () =>
      assert.fail("no person needs to be asked"),
    );
  });
});
