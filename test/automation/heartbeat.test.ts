import assert from "node:assert/strict";
import { join } from "node:path";
import { execa } from "execa";

const LOADER = join(__dirname, "..", "..", "automation", "typescript.cjs");
const QUIET = join(__dirname, "support", "quiet.ts");

/** A verb that says nothing by itself for 0.7 s, where a word is due after 0.2 s. */
async function quiet(kind: string): Promise<{ exitCode?: number; stdout: string; words: string[] }> {
  const { exitCode, stdout, stderr } = await execa(process.execPath, ["--require", LOADER, QUIET, kind], {
    reject: false,
    timeout: 9000,
  });
  return { exitCode, stdout, words: stderr.split("\n").filter(Boolean) };
}

describe("a verb that works in silence", () => {
  for (const [kind, expected] of [
    ["task", /^still: Images: building nginx \(\d+ s\)$/],
    ["engine", /^still: creating web \[Container\] \(\d+ s\)$/],
    ["idle", /^still at work$/],
  ] as const) {
    it(`says now and then what it is at, and keeps the result alone (${kind})`, async () => {
      const { exitCode, stdout, words } = await quiet(kind);
      assert.deepEqual([exitCode, stdout], [0, "{}"]);
      assert.ok(words.length >= 1 && words.length <= 4, words.join("\n"));
      for (const word of words) assert.match(word, expected);
    });
  }

  it("doesn't hurry a person who is asked", async () => {
    assert.deepEqual((await quiet("ask")).words, []);
  });

  it("gives up when nothing happens any more, says at what, and fails", async () => {
    const { exitCode, stdout, words } = await quiet("stuck");
    assert.deepEqual([exitCode, stdout], [2, ""]);
    const text = words.join("\n");
    assert.match(
      text,
      /Failed: Nothing has happened for \d+ minutes; still: looking at the server \(1 s\)\./,
    );
    assert.match(text, /What to do: Look whether the server/);
  });
});
