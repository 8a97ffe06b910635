import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type * as Automation from "@pulumi/pulumi/automation/index.js";
import type { Command } from "commander";
import { buildProgram } from "../../src/cli/main.ts";
import { TestProject } from "../support/project.ts";

const auto = createRequire(import.meta.url)("@pulumi/pulumi/automation") as typeof Automation;

/** The calls that the recording of the official CLI holds, without addresses and temporary names. */
function recordedCalls(): string[] {
  const log = readFileSync(join(import.meta.dirname, "../fixtures/pulumi-3.260/cli-calls.log"), "utf8");
  return [...log.matchAll(/^## pulumi (\S+(?: [a-z][a-z-]*)?)/gm)].map(([, call]) => call ?? "");
}

describe("the SDK's Automation API on this engine", () => {
  const project = new TestProject(`
    const web = new Thing("web", { identity: Number(config.require("release")), secret: config.requireSecret("token") });
    new Thing("after", { hard: [web.id] }, { additionalSecretOutputs: ["extra"] });
    exports.name = web.made;
    exports.key = web.key;
  `);
  after(() => project.remove());
  // The API starts `pulumi` from the PATH of this process.
  const path = process.env["PATH"];
  before(() => (process.env["PATH"] = project.env["PATH"]));
  after(() => (process.env["PATH"] = path));

  it("makes every call of the recorded session", async () => {
    const { PULUMI_HOME, PULUMI_CONFIG_PASSPHRASE, FAKE_WORLD } = project.env;
    const envVars = {
      PULUMI_CONFIG_PASSPHRASE: PULUMI_CONFIG_PASSPHRASE ?? "",
      FAKE_WORLD: FAKE_WORLD ?? "",
    };
    const stack = await auto.LocalWorkspace.createOrSelectStack(
      { stackName: "dev", workDir: project.folder },
      { envVars, pulumiHome: PULUMI_HOME },
    );
    await stack.setConfig("release", { value: "1" });
    await stack.setConfig("token", { value: "t0ken-value", secret: true });
    await stack.setAllConfig({ "unit:list": { value: '["a","b"]' } });
    assert.deepEqual(await stack.getAllConfig(), {
      "unit:list": { value: '["a","b"]', secret: false },
      "unit:release": { value: "1", secret: false },
      "unit:token": { value: "t0ken-value", secret: true },
    });
    const preview = await stack.preview();
    assert.deepEqual(preview.changeSummary, { create: 3 });

    const events: Automation.EngineEvent[] = [];
    const up = await stack.up({ onEvent: (event) => events.push(event) });
    assert.equal(up.summary.result, "succeeded");
    assert.deepEqual(up.summary.resourceChanges, { create: 3 });
    assert.equal(up.outputs["key"]?.value, "top-secret-key");
    assert.equal(up.outputs["key"]?.secret, true);
    const kinds = events.map((e) => Object.keys(e).find((k) => k.endsWith("Event")));
    assert.equal(kinds[0], "preludeEvent");
    assert.deepEqual(kinds.slice(-2), ["summaryEvent", "cancelEvent"]);
    assert.deepEqual(
      events.map((e) => e.sequence),
      events.map((_, i) => i),
    );
    assert.ok(!JSON.stringify(events).includes("t0ken-value"));

    await stack.setConfig("release", { value: "2" });
    const steps: string[] = [];
    const second = await stack.up({
      onEvent: ({ resourcePreEvent: pre }) =>
        pre && steps.push(`${pre.metadata.op} ${pre.metadata.urn.split("::").at(-1)}`),
    });
    assert.deepEqual(second.summary.resourceChanges, { replace: 2, same: 1 });
    assert.deepEqual(
      steps.filter((s) => !s.startsWith("same")),
      [
        "create-replacement web",
        "replace web",
        "create-replacement after",
        "replace after",
        "delete-replaced after",
        "delete-replaced web",
      ],
    );
    assert.equal(
      (await stack.outputs())["name"]?.value,
      project.things.find((t) => t.urn.endsWith("::web"))?.id,
    );
    assert.equal((await stack.info())?.kind, "update");
    assert.equal((await stack.history()).length, 2);
    const deployment = await stack.exportStack();
    await stack.importStack(deployment);
    assert.deepEqual(
      (await stack.workspace.listStacks()).map(({ name, current }) => [name, current]),
      [["dev", true]],
    );
    assert.equal((await stack.workspace.whoAmI()).url, `file://${project.folder}/state`);
    assert.deepEqual((await stack.refresh()).summary.resourceChanges, { same: 3 });
    assert.deepEqual((await stack.destroy()).summary.resourceChanges, { delete: 3 });
    await stack.workspace.removeStack("dev");
    await assert.rejects(
      auto.LocalWorkspace.selectStack({ stackName: "dev", workDir: project.folder }, { envVars }),
      (error) => error instanceof auto.StackNotFoundError,
    );
  });

  it("has each recorded command", () => {
    const calls = new Set(recordedCalls());
    assert.ok(calls.size >= 15, [...calls].join());
    for (const call of calls) {
      const [command = "", sub] = call.split(" ");
      const words = sub && ["stack", "config"].includes(command) ? [command, sub] : [command];
      const program = buildProgram(() => Promise.resolve({}));
      const found = words.reduce<Command | undefined>(
        (c, name) => c?.commands.find((s) => s.name() === name),
        program,
      );
      assert.ok(found, `${words.join(" ")} is not there`);
    }
  });
}).timeout(60_000);
