import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { extract } from "tar-stream";
import { contextHash, packContext, readContext, type ContextFile } from "../../automation/images/context.ts";

const file = (path: string, content: string, executable = false): ContextFile => ({
  path,
  content: Buffer.from(content),
  executable,
});

describe("context hash", () => {
  const files = [file("Dockerfile", "FROM x"), file("run", "true", true)];
  const hash = contextHash(files, { VERSION: "1", FAULT: "" }, "parent");

  it("doesn't depend on the order of files and arguments", () => {
    assert.equal(contextHash([...files].reverse(), { FAULT: "", VERSION: "1" }, "parent"), hash);
  });

  const changes: Record<string, string> = {
    "a file's content": contextHash(
      [files[0]!, file("run", "false", true)],
      { VERSION: "1", FAULT: "" },
      "parent",
    ),
    "a file's name": contextHash(
      [files[0]!, file("ran", "true", true)],
      { VERSION: "1", FAULT: "" },
      "parent",
    ),
    "the executable bit": contextHash(
      [files[0]!, file("run", "true")],
      { VERSION: "1", FAULT: "" },
      "parent",
    ),
    "a missing file": contextHash([files[0]!], { VERSION: "1", FAULT: "" }, "parent"),
    "an argument": contextHash(files, { VERSION: "2", FAULT: "" }, "parent"),
    "the parent": contextHash(files, { VERSION: "1", FAULT: "" }, "other"),
  };
  for (const [what, changed] of Object.entries(changes)) {
    it(`changes with ${what}`, () => assert.notEqual(changed, hash));
  }

  it("distinguishes any two sets of arguments", () => {
    const args = fc.dictionary(fc.string(), fc.string());
    fc.assert(
      fc.property(args, args, (one, other) => {
        const same =
          JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        assert.equal(contextHash([], one) === contextHash([], other), same);
      }),
    );
  });
});

describe("build context", () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "context-"))));
  afterEach(() => rm(folder, { recursive: true }));

  it("holds every file under its path, with the executable bit and nothing of this machine", async () => {
    await mkdir(join(folder, "deep", "er"), { recursive: true });
    await writeFile(join(folder, "deep", "er", "b.txt"), "ß");
    await writeFile(join(folder, "a.sh"), "true");
    await chmod(join(folder, "a.sh"), 0o755);
    const files = await readContext(folder, "dist/");
    assert.deepEqual(files, [file("dist/a.sh", "true", true), file("dist/deep/er/b.txt", "ß")]);

    const entries: unknown[] = [];
    for await (const entry of packContext(files).pipe(extract())) {
      const { name, mode, uid, mtime } = entry.header;
      const chunks: Buffer[] = [];
      for await (const chunk of entry) chunks.push(chunk as Buffer);
      entries.push([name, mode, uid, mtime?.getTime(), Buffer.concat(chunks).toString()]);
    }
    assert.deepEqual(entries, [
      ["dist/a.sh", 0o755, 0, 0, "true"],
      ["dist/deep/er/b.txt", 0o644, 0, 0, "ß"],
    ]);
  });

  it("hashes alike under any umask of the checkout", async () => {
    await writeFile(join(folder, "a"), "x", { mode: 0o600 });
    const narrow = contextHash(await readContext(folder));
    await chmod(join(folder, "a"), 0o644);
    assert.equal(contextHash(await readContext(folder)), narrow);
  });
});
