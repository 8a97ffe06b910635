import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, matchesGlob, resolve } from "node:path";
import { execa } from "execa";
import type { Counts } from "../stages/command.ts";
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
    const { beside = [] } = suites.integration!;
    const halves = files.filter((path) => path.startsWith("test/integration/"));
    for (const glob of beside)
      assert.ok(
        halves.some((path) => matchesGlob(path, glob)),
        glob,
      );
    assert.ok(!halves.every((path) => beside.some((glob) => matchesGlob(path, glob))));
  });

  it("count what runs beside the others, and say what failed there", async () => {
    const folder = mkdtempSync(join(tmpdir(), "stages-"));
    try {
      const write = (name: string, body: string): string => {
        const file = join(folder, name);
        writeFileSync(file, `it("${name}", () => {${body}});`);
        return file;
      };
      const bad = write("bad.cjs", "throw new Error('no')");
      write("good.cjs", "");
      const suite = { files: [`${folder}/*.cjs`], beside: [bad], plain: true, timeout: 5000 };
      const script =
        'require("./test/stages/mocha.ts").runMocha(JSON.parse(process.argv[1])).then((counts) => console.error(JSON.stringify(counts)))';
      const argv = ["--require", "./automation/typescript.cjs", "--eval", script, JSON.stringify(suite)];
      // Its own closing lines would count here.
      const { stdout, stderr } = await execa(process.execPath, argv, { cwd: ROOT });
      const counts = JSON.parse(stderr) as Counts[];
      const figures = counts.map(({ passed, failed, skipped }) => [passed, failed, skipped].join());
      assert.deepEqual(figures, ["1,0,0", "0,1,0"]);
      assert.match(stdout, /✔ good\.cjs[^]*1\) bad\.cjs/);
      assert.match(counts[1]!.failures, /Error: no/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
