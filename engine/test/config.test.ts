import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { StackConfig } from "../src/project/config.ts";
import { backendPath, loadProject, type Project } from "../src/project/project.ts";
import { newSalt, openCrypter } from "../src/secrets/crypter.ts";

describe("a stack's configuration file", () => {
  const root = mkdtempSync(join(tmpdir(), "fairlead-config-"));
  after(() => rmSync(root, { recursive: true }));
  const file = join(root, "Pulumi.dev.yaml");
  const project: Project = {
    name: "p",
    root,
    file: join(root, "Pulumi.yaml"),
    programFolder: root,
    configFolder: root,
    backend: undefined,
    nodeArgs: [],
    typescript: true,
    tsconfig: undefined,
  };
  const edit = (text: string, change: (config: StackConfig) => void): string => {
    writeFileSync(file, text);
    const config = new StackConfig(project, "dev");
    change(config);
    config.save();
    return readFileSync(file, "utf8");
  };

  it("keeps comments, order and what it isn't asked to change", () => {
    const text =
      "# about\nconfig:\n  # the image\n  p:image: a # old\n  p:list:\n    - x: 1\n\n  other:key: v\n";
    const edited = edit(text, (config) => {
      config.set("image", "b", { path: false });
      config.set("list[1].x", "2", { path: true });
      config.set("new.deep[0]", "true", { path: true });
      config.remove("other:key", false);
    });
    assert.equal(
      edited,
      "# about\nconfig:\n  # the image\n  p:image: b\n  p:list:\n    - x: 1\n    - x: 2\n  p:new:\n    deep:\n      - true\n",
    );
  });

  it("leaves lists and groups on one line as they are, however long", () => {
    const long = Array.from({ length: 12 }, (_, index) => `https://${index}.example.com`).join(", ");
    const text = `config:\n  p:needs: [database, cache]\n  p:csp: {connect-src: ["'self'", ${long}]}\n  p:none: {}\n`;
    const edited = edit(text, (config) => config.set("new", "x", { path: false }));
    assert.equal(edited, `${text}  p:new: x\n`);
  });

  it("reads keys without the project's name as its own, and changes them in place", () => {
    const edited = edit("config:\n  image: a\n", (config) => {
      assert.deepEqual(config.entries(), { "p:image": { value: "a", secret: false } });
      assert.equal(config.get("image", false)?.value, "a");
      config.set("p:image", "b", { path: false });
    });
    assert.equal(edited, "config:\n  image: b\n");
  });

  it("reads secrets inside structures, and hides them without the key", async () => {
    const crypter = await openCrypter("x", await newSalt("x"));
    edit("", (config) => {
      config.set("db.user", "u", { path: true });
      config.set("db.password", "s3cret", { path: true, crypter });
    });
    const config = new StackConfig(project, "dev");
    assert.ok(config.hasSecrets);
    assert.deepEqual(config.entries(crypter)["p:db"], {
      value: '{"user":"u","password":"s3cret"}',
      secret: true,
      object: { user: "u", password: "s3cret" },
    });
    assert.equal(config.entries()["p:db"]?.value, '{"user":"u","password":"[secret]"}');
    assert.deepEqual(config.get("db.password", true, crypter), { value: "s3cret", secret: true });
  });

  it("names what it can't use", () => {
    writeFileSync(file, "secretsprovider: awskms://k\n");
    assert.throws(
      () => new StackConfig(project, "dev"),
      /the secrets provider "awskms:\/\/k" is not supported/,
    );
    writeFileSync(file, "config: [\n");
    assert.throws(() => new StackConfig(project, "dev"), /Pulumi\.dev\.yaml: /);
    writeFileSync(join(root, "Pulumi.yaml"), "name: p\nruntime: python\n");
    assert.throws(() => loadProject(root), /the runtime "python" is not supported/);
    writeFileSync(join(root, "Pulumi.yaml"), "name: p\nruntime: nodejs\nbackend:\n  url: file://./here\n");
    assert.equal(backendPath(loadProject(root)), join(root, "here"));
  });
});
