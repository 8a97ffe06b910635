import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, matchesGlob, resolve } from "node:path";
import { suites } from "../stages/mocha.ts";

const ROOT = resolve(__dirname, "..", "..");

describe("the stages of npm test", () => {
  it("run every test file, once", () => {
    const options = ["--cached", "--others", "--exclude-standard"];
    const list = execFileSync("git", ["ls-files", ...options], { cwd: ROOT, encoding: "utf8" }).split("\n");
    const files = list.filter((path) => path.endsWith(".test.ts") && existsSync(join(ROOT, path)));
    const globs = Object.values(suites).flatMap((suite) => suite.files);
    const wrong = files.filter((path) => globs.filter((glob) => matchesGlob(path, glob)).length !== 1);
    assert.ok(files.length > 100, `${files.length} files`);
    assert.deepEqual(wrong, []);
  });
});
