import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edited, editStackFile, withDraft } from "../../automation/lib/stack-file-edit.ts";

const TEXT = `# Mine.
config:
  fairlead:domain:   maicivy.test # the site
  digests: {"nginx:1": old}
  fairlead:apps:
    api: {image: "ghcr.io/me/api:1", port: 8080}
`;

describe("an edit of a stack file", () => {
  it("changes what it names and nothing else: comments, order and keys without the project's name stay", () => {
    const text = edited(TEXT, [
      [["digests", "ghcr.io/me/api:1"], "sha256:a"],
      [["releases", "api"], [{ image: "x", weight: 100 }]],
    ]);
    assert.ok(text.startsWith("# Mine.\nconfig:\n  fairlead:domain: maicivy.test # the site\n"));
    assert.match(text, /^ {2}digests: \{"nginx:1": old, ghcr\.io\/me\/api:1: sha256:a\}$/m);
    assert.match(text, /^ {2}fairlead:releases:\n {4}api:\n {6}- image: x\n {8}weight: 100$/m);
    const back = edited(text, [[["releases", "api"], undefined]]);
    assert.ok(!back.includes("releases"), "a group that holds nothing else goes too");
  });

  it("makes a file that had nothing yet", () => {
    assert.equal(edited("", [[["digests", "a"], "b"]]), "config:\n  fairlead:digests:\n    a: b\n");
    assert.equal(edited("config:\n", [[["domain"], "b"]]), "config:\n  fairlead:domain: b\n");
  });

  describe("on the disk", () => {
    const folders = { root: "", local: "" };
    const file = (): string => join(folders.root, "Pulumi.test.yaml");
    beforeEach(() => {
      folders.root = mkdtempSync(join(tmpdir(), "edit-"));
      folders.local = join(folders.root, ".local");
      writeFileSync(file(), TEXT);
    });
    afterEach(() => rmSync(folders.root, { recursive: true }));

    it("doesn't lose what a person saves in the same moment", async () => {
      let times = 0;
      const change = (text: string): string => {
        if (times++ === 0) writeFileSync(file(), text.replace("maicivy.test", "mine.test"));
        return edited(text, [[["digests", "a"], "b"]]);
      };
      await editStackFile("test", change, folders);
      assert.equal(times, 2);
      assert.match(readFileSync(file(), "utf8"), /mine\.test[^]*a: b/);
    });

    it("gives up, and says so, when another program writes on and on", async () => {
      let times = 0;
      const change = (text: string): string => {
        writeFileSync(file(), `${TEXT}# ${times++}\n`);
        return `${text}# recorded\n`;
      };
      await assert.rejects(
        editStackFile("test", change, folders),
        /Pulumi\.test\.yaml is changed by another program/,
      );
      assert.ok(!readFileSync(file(), "utf8").includes("recorded"));
    });

    it("that fails leaves the file as it was, and no draft", async () => {
      const fails = async (): Promise<string> =>
        withDraft("test", "half", () => Promise.reject(new Error("declared badly")), folders);
      await assert.rejects(editStackFile("test", fails, folders), /declared badly/);
      assert.equal(readFileSync(file(), "utf8"), TEXT);
      assert.deepEqual(readdirSync(join(folders.local, "test")), []);
    });

    it("writes nothing where nothing changes", async () => {
      await editStackFile("test", (text) => text, folders);
      assert.ok(!existsSync(folders.local));
    });
  });
});
