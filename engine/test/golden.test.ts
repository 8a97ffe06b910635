import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { StackConfig } from "../src/project/config.ts";
import { loadProject } from "../src/project/project.ts";
import { Crypter, newSalt, openCrypter } from "../src/secrets/crypter.ts";
import { Backend } from "../src/state/backend.ts";
import { loadState, stateWriter } from "../src/state/store.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const recordings = [
  { fixture: "pulumi-3.260", state: "state", project: "probe" },
  { fixture: "pulumi-3.260-server", state: "state-r1", project: "vps" },
  { fixture: "pulumi-3.260-server", state: "state-r2", project: "vps" },
];
const open = (salt: string): Promise<Crypter> => openCrypter("correct-horse", salt);
const withoutTime = (text: string): string => text.replace(/("manifest":\{"time":")[^"]*/, "$1");

/** A copy of a recording that may be changed. */
function copyOf(fixture: string): string {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-golden-"));
  cpSync(join(fixtures, fixture), folder, { recursive: true });
  symlinkSync(resolve(import.meta.dirname, "../../node_modules"), join(folder, "node_modules"));
  return folder;
}

describe("what the official CLI wrote", () => {
  for (const { fixture, state, project } of recordings) {
    it(`${fixture}/${state}: is read, and written again byte for byte`, async () => {
      const folder = copyOf(fixture);
      const ref = { project, name: "dev" };
      const backend = new Backend(join(folder, state));
      const before = readFileSync(backend.stackFile(ref), "utf8");
      const deployment = await loadState(backend, ref, open);
      assert.ok(deployment.resources.length >= 10);
      stateWriter(backend, ref, await open(deployment.salt ?? ""))(deployment, true);
      assert.equal(withoutTime(readFileSync(backend.stackFile(ref), "utf8")), withoutTime(before));
      assert.equal(readFileSync(`${backend.stackFile(ref)}.bak`, "utf8"), before);
      rmSync(folder, { recursive: true });
    });
  }

  it("config secrets are decrypted with the official key derivation, and only with the passphrase", async () => {
    const config = new StackConfig(loadProject(join(fixtures, "pulumi-3.260")), "dev");
    const entries = config.entries(await open(config.salt ?? ""));
    assert.deepEqual(entries["probe:token"], { value: "t0ken", secret: true });
    assert.deepEqual(entries["probe:list"], { value: '["a","b"]', secret: false });
    await assert.rejects(openCrypter("battery-staple", config.salt ?? ""), /incorrect passphrase/);
    const salt = await newSalt("another");
    const crypter = await openCrypter("another", salt);
    assert.equal(crypter.decrypt(crypter.encrypt("ä secret\n")), "ä secret\n");
    assert.throws(() => crypter.decrypt(crypter.encrypt("x").replace(/.{6}$/, "AAAAA=")), /damaged/);
  });

  it("an exported state decrypts to the same values", async () => {
    const folder = join(fixtures, "pulumi-3.260");
    const text = readFileSync(join(folder, "export.json"), "utf8");
    const password = /"plaintext": "\\"(\w{24})\\""/.exec(text)?.[1];
    const { resources } = await loadState(
      new Backend(join(folder, "state")),
      { project: "probe", name: "dev" },
      open,
    );
    const [stack] = resources;
    assert.equal(JSON.stringify(stack?.outputs["password"]), JSON.stringify({ value: password }));
  });
});

describe("the recorded programs on the recorded states, with this engine's providers", () => {
  const bin = resolve(import.meta.dirname, "../bin/pulumi.mjs");
  const preview = (folder: string, state: string): Promise<string> => {
    const child = spawn(process.execPath, [bin, "preview", "--stack", "dev", "--json"], {
      cwd: folder,
      env: {
        ...process.env,
        ...{ PULUMI_BACKEND_URL: `file://${folder}/${state}`, PULUMI_CONFIG_PASSPHRASE: "correct-horse" },
        ...{
          PULUMI_HOME: join(folder, "home"),
          FAIRLEAD_ENGINE: "embedded",
          PULUMI_NODEJS_TRANSPILE_ONLY: "true",
        },
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let stdout = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    return new Promise((done) => child.on("close", () => done(stdout)));
  };
  interface Digest {
    steps: { op: string; urn: string; detailedDiff: object | null; newState?: { inputs?: object } }[];
    changeSummary: Record<string, number>;
  }

  it("probe: nothing changes", async () => {
    const folder = copyOf("pulumi-3.260");
    const { changeSummary } = JSON.parse(await preview(folder, "state")) as Digest;
    assert.deepEqual(changeSummary, { same: 7 });
    rmSync(folder, { recursive: true });
  });

  it("vps with another release: the official plan", async () => {
    const folder = copyOf("pulumi-3.260-server");
    const config = new StackConfig(loadProject(folder), "dev");
    config.set("release", "r2", { path: false });
    config.save();
    const ours = JSON.parse(await preview(folder, "state-r1")) as Digest;
    const theirs = JSON.parse(readFileSync(join(folder, "preview-r2.json"), "utf8")) as Digest;
    const plan = ({ steps, changeSummary }: Digest): unknown => ({
      changeSummary,
      steps: steps
        .map(({ op, urn, detailedDiff }) => ({ op, urn, detailedDiff }))
        .sort((a, b) => (a.urn < b.urn ? -1 : 1)),
    });
    assert.deepEqual(plan(ours), plan(theirs));
    rmSync(folder, { recursive: true });
  });
}).timeout(60_000);
