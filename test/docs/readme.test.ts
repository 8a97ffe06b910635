import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse as parseYaml } from "yaml";
import { check } from "../../config/check/index.ts";
import { parse } from "../../config/parse.ts";
import { ROOT } from "./texts.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
/** A real key in place of the shortened one. */
const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

describe("README", () => {
  it("begins with a stack file of at most six lines that the program accepts", () => {
    const [, text] = /```yaml\n([^]*?)```/.exec(README)!;
    assert.ok(text!.trim().split("\n").length <= 6, text);
    const { config } = parseYaml(text!.replace("ssh-ed25519 AAAA…", KEY)) as {
      config: Record<string, unknown>;
    };
    const raw = Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
      ]),
    );
    const { config: settings, secrets } = parse("fairlead", "prod", raw);
    const problems = check("prod", settings, secrets).filter(({ path }) => !path.startsWith("digests"));
    assert.deepEqual(problems, []);
  });

  it("shows a picture that docs/pictures/up.txt makes", () => {
    const picture = join("docs", "pictures", "up.svg");
    assert.ok(README.includes(`](${picture})`));
    const made = execFileSync(process.execPath, ["docs/pictures/terminal.mjs", "docs/pictures/up.txt"], {
      cwd: ROOT,
    });
    assert.equal(readFileSync(join(ROOT, picture), "utf8"), made.toString());
  });

  it("names the commands that .ci/run types, in that order", () => {
    const typed = [...readFileSync(join(ROOT, ".ci", "run.mjs"), "utf8").matchAll(/npm\("([^)]*)"\)/g)].map(
      ([, words]) => `npm ${words!.replaceAll('", "', " ")}`,
    );
    assert.deepEqual(typed, ["npm run up", "npm test", "npm run down"]);
    const [, block] = /## Try it\n[^]*?```sh\n([^]*?)```/.exec(README)!;
    assert.deepEqual(
      block!
        .trim()
        .split("\n")
        .map((line) => line.split(/\s+#/)[0]),
      typed,
    );
  });
});
