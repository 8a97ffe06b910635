import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { Project, sampleStacks } from "../integration/support/project.ts";

describe("the stacks that tests have", () => {
  /** A clone in daily use, and the project that its tests make of it. */
  let [clone, made]: Project[] = [];

  before("a clone in the midst of daily use", () => {
    clone = new Project({});
    const write = (path: string, text: string): void => writeFileSync(join(clone!.folder, path), text);
    execFileSync("git", ["init", "--quiet"], { cwd: clone.folder });
    write("Pulumi.staging.yaml", "encryptionsalt: v1:abc\nconfig:\n  fairlead:domain: mine.example\n");
    write("Pulumi.prod.yaml", "config:\n  fairlead:domain: {{ half edited");
    write("Pulumi.dev.yaml", "config: {}\n");
    write("Pulumi.yaml", clone.read("Pulumi.yaml").replace(/url: .*/, "url: file:///another/place"));
    mkdirSync(join(clone.folder, ".fairlead", "state"), { recursive: true });
    write(".fairlead/passphrase", "secret");
    mkdirSync(join(clone.folder, "another"));
    execFileSync("git", ["init", "--quiet", "another"], { cwd: clone.folder });
    appendFileSync(join(clone.folder, "README.md"), "An edit that isn't committed.\n");
    made = new Project(sampleStacks(), clone.folder);
  });
  after(() => [clone, made].forEach((project) => project?.remove()));

  it("are those of the sample", () => {
    assert.deepEqual(made!.stacks(), ["prod", "staging"]);
    for (const stack of made!.stacks()) {
      const { config, encryptionsalt } = parse(made!.read(`Pulumi.${stack}.yaml`)) as {
        config: Record<string, unknown>;
        encryptionsalt?: string;
      };
      assert.match(String(config["fairlead:domain"]), /maicivy\.localhost$/);
      assert.equal(encryptionsalt, undefined);
      assert.ok(!Object.keys(config).some((key) => /digests|PASSWORD/.test(key)), Object.keys(config).join());
    }
  });

  it("have state and passphrase of their own", () => {
    assert.ok(!existsSync(join(made!.folder, ".fairlead")));
    assert.match(made!.read("Pulumi.yaml"), /url: file:\/\/\.fairlead\/state/);
  });

  it("run what stands in the clone, committed or not", () => {
    assert.match(made!.read("README.md"), /isn't committed/);
    assert.ok(!readdirSync(made!.folder).includes("another"));
  });

  it("don't go where the shell says that a person's are", async () => {
    const backend = join(clone!.folder, "backend");
    mkdirSync(backend);
    const script =
      "console.log(Object.keys(process.env).filter((name) => name.startsWith('PULUMI_')).join())";
    const required = ["--require", "./test/support/environment.cjs", "--eval", script];
    const env = { PULUMI_BACKEND_URL: `file://${backend}`, PULUMI_CONFIG_PASSPHRASE_FILE: "/mine" };
    const { stdout, exitCode } = await made!.exec("node", required, env);
    assert.deepEqual([exitCode, stdout], [0, ""]);
    assert.ok(!Object.keys(process.env).some((name) => name.startsWith("PULUMI_")), "here neither");
  });
});
