import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, writeAtomically } from "../../automation/lib/files.ts";

describe("a file that is written at once", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "files-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is the old one or the new one, at any moment at which the writer is killed, and leaves nothing else behind", async () => {
    const [file, size] = [join(folder, "Pulumi.test.yaml"), 4_000_000];
    writeFileSync(file, "a".repeat(size));
    const writer = [join(__dirname, "support", "write-on.ts"), file, String(size)];
    for (let round = 0; round < 12; round++) {
      const loader = join(__dirname, "..", "..", "automation", "typescript.cjs");
      const child = spawn(process.execPath, ["--require", loader, ...writer]);
      await once(child.stdout, "data");
      await sleep(3 + round * 2.3);
      child.kill("SIGKILL");
      await once(child, "close");
      const text = readFileSync(file, "utf8");
      assert.equal(text.length, size, `round ${round}`);
      assert.ok(text === text[0]!.repeat(size), `round ${round}: two texts are mixed`);
    }
    writeAtomically(file, "end");
    assert.deepEqual(readdirSync(folder), ["Pulumi.test.yaml"]);
  }).timeout(60_000);

  it("keeps its mode, and the link that leads to it", () => {
    const [real, link] = [join(folder, "real.yaml"), join(folder, "Pulumi.test.yaml")];
    writeFileSync(real, "old");
    chmodSync(real, 0o640);
    symlinkSync("real.yaml", link);
    writeAtomically(link, "new");
    assert.ok(lstatSync(link).isSymbolicLink());
    assert.equal(readFileSync(real, "utf8"), "new");
    assert.equal(statSync(real).mode & 0o777, 0o640);
  });

  it("has the mode that was asked for when it is new", () => {
    const file = join(folder, "new", "file");
    writeAtomically(file, "x", 0o600);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("stays, and leaves nothing else behind, when it can't be written", () => {
    const file = join(folder, "file");
    writeFileSync(file, "old");
    assert.throws(() => writeAtomically(file, Symbol("no text") as unknown as string));
    assert.deepEqual([readFileSync(file, "utf8"), readdirSync(folder)], ["old", ["file"]]);
  });
});

describe("a process", () => {
  it("that has ended doesn't run, even before its parent has waited for it", async () => {
    // Whoever takes the parent's place knows nothing of the child.
    const parent = spawn("sh", ["-c", "sleep 0.1 & echo $!; exec sleep 5"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      const [line] = (await once(parent.stdout, "data")) as [Buffer];
      const child = Number(line.toString());
      assert.ok(isAlive(child));
      await sleep(400);
      assert.ok(process.kill(child, 0), "the system still knows it");
      assert.equal(isAlive(child), false);
      assert.ok(isAlive(process.pid));
    } finally {
      parent.kill();
    }
  });
});
