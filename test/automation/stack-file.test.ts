import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, parseDocument } from "yaml";
import { cleanStackFile, keepOriginal, secretsLeft } from "../../automation/lib/stack-file.ts";

/** As a person writes it: comments, blank lines, flow style. */
const WRITTEN = `# Mine.
config:
  fairlead:domain:   maicivy.test # the site

  fairlead:server: { box: { memory: 2 GB } }
  fairlead:apps:
    api: { image: "ghcr.io/me/api:1", port: 8080 }
`;

const RECORDED: [string[], unknown][] = [
  [["encryptionsalt"], "v1:abc"],
  [["config", "fairlead:digests"], { "ghcr.io/me/api:1": `sha256:${"a".repeat(64)}` }],
  [["config", "fairlead:releases"], { api: [{ image: "ghcr.io/me/api@sha256:b", weight: 100 }] }],
  [["config", "fairlead:server", "box", "registry"], "127.0.0.1:5001"],
  [["config", "fairlead:POSTGRES_PASSWORD"], { secure: "v1:p" }],
  [["config", "fairlead:REDIS_PASSWORD"], { secure: "v1:r" }],
];

describe("the stack file", () => {
  const folders = { root: "", local: "" };
  const path = (): string => join(folders.root, "Pulumi.test.yaml");
  const text = (): string => readFileSync(path(), "utf8");
  const content = (): { config: Record<string, unknown>; encryptionsalt?: string } =>
    parse(text()) as ReturnType<typeof content>;

  /** Writes into it the way the engine does: reads the document, sets values, prints it anew. */
  function record(values: [string[], unknown][]): void {
    const document = parseDocument(text());
    for (const [key, value] of values) document.setIn(key, value);
    writeFileSync(path(), document.toString());
  }

  beforeEach(() => {
    folders.root = mkdtempSync(join(tmpdir(), "stack-file-"));
    folders.local = join(folders.root, ".local");
    writeFileSync(path(), WRITTEN);
  });
  afterEach(() => rmSync(folders.root, { recursive: true }));

  it("is the very same after everything that was recorded is taken out", () => {
    keepOriginal("test", folders);
    record(RECORDED);
    assert.notEqual(text(), WRITTEN);
    cleanStackFile("test", folders);
    assert.equal(text(), WRITTEN);
  });

  it("is the very same for a file that said nothing about the box", () => {
    const short = WRITTEN.replace(/ {2}fairlead:server.*\n/, "");
    writeFileSync(path(), short);
    keepOriginal("test", folders);
    record(RECORDED);
    cleanStackFile("test", folders);
    assert.equal(text(), short);
  });

  it("keeps what the user changed meanwhile", () => {
    keepOriginal("test", folders);
    record([...RECORDED, [["config", "fairlead:domain"], "other.test"]]);
    cleanStackFile("test", folders);
    const { config, encryptionsalt } = content();
    assert.deepEqual(Object.keys(config), ["fairlead:domain", "fairlead:server", "fairlead:apps"]);
    assert.equal(config["fairlead:domain"], "other.test");
    assert.deepEqual(config["fairlead:server"], { box: { memory: "2 GB" } });
    assert.equal(encryptionsalt, undefined);
    assert.match(text(), /# the site/);
  });

  it("keeps lists on one line, and long lines, as they were next to what the user changed", () => {
    const words = "many words ".repeat(12).trim();
    const kept = `  fairlead:apps:\n    api:\n      needs: [database, cache]\n      words: ${words}\n`;
    writeFileSync(path(), `config:\n${kept}  fairlead:domain: other.test\n`);
    keepOriginal("test", folders);
    writeFileSync(path(), `config:\n${kept}  fairlead:domain: maicivy.test\n  fairlead:releases: {}\n`);
    cleanStackFile("test", folders);
    assert.equal(text(), `config:\n${kept}  fairlead:domain: maicivy.test\n`);
  });

  it("keeps a password that the user had set before the first deploy", () => {
    const own: typeof RECORDED = [
      [["encryptionsalt"], "v1:abc"],
      [["config", "fairlead:POSTGRES_PASSWORD"], { secure: "v1:mine" }],
    ];
    record(own);
    const before = text();
    keepOriginal("test", folders);
    record(RECORDED.filter(([key]) => !key.includes("fairlead:POSTGRES_PASSWORD")));
    cleanStackFile("test", folders);
    assert.equal(text(), before);
  });

  it("keeps the user's secrets, and the salt without which nothing opens them", () => {
    keepOriginal("test", folders);
    record([...RECORDED, [["config", "fairlead:API_KEY"], { secure: "v1:k" }]]);
    assert.equal(secretsLeft(folders), true);
    cleanStackFile("test", folders);
    assert.deepEqual(content().config["fairlead:API_KEY"], { secure: "v1:k" });
    assert.equal(content().encryptionsalt, "v1:abc");
    assert.equal(secretsLeft(folders), true);
  });

  it("is kept only as long as nothing was recorded in it", () => {
    keepOriginal("test", folders);
    record(RECORDED);
    keepOriginal("test", folders);
    assert.equal(readFileSync(join(folders.local, "test", "Pulumi.test.yaml"), "utf8"), WRITTEN);
  });

  it("is cleaned on a rented server too, whose settings have no box", () => {
    writeFileSync(path(), "config:\n  fairlead:server:\n    address: 203.0.113.7\n");
    record(RECORDED.filter(([key]) => key[2] !== "box"));
    cleanStackFile("test", folders);
    assert.deepEqual(content(), { config: { "fairlead:server": { address: "203.0.113.7" } } });
  });

  it("has no secrets left when the last one goes, in no stack's file", () => {
    assert.equal(secretsLeft(folders), false);
    writeFileSync(join(folders.root, "Pulumi.other.yaml"), "config:\n  fairlead:A:\n    secure: v1:x\n");
    assert.equal(secretsLeft(folders), true);
  });

  it("may be missing", () => {
    rmSync(path());
    keepOriginal("test", folders);
    cleanStackFile("test", folders);
    assert.throws(text, /ENOENT/);
  });
});
