import assert from "node:assert/strict";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { StackConfig } from "../src/project/config.ts";
import { loadProject } from "../src/project/project.ts";
import { Crypter, newSalt, openCrypter } from "../src/secrets/crypter.ts";
import { Backend } from "../src/state/backend.ts";
import { loadState, stateWriter } from "../src/state/store.ts";
import {
  copyOf,
  editCheckpoint,
  editServerProgram,
  FIXTURES as fixtures,
  isSupported,
  withoutRefused,
  type RecordedJson,
} from "./support/recording.ts";

const SERVER = "pulumi-3.260-server";
const recordings = [
  { fixture: "pulumi-3.260", state: "state", project: "probe" },
  { fixture: "pulumi-3.260-server", state: "state-r1", project: "vps" },
  { fixture: "pulumi-3.260-server", state: "state-r2", project: "vps" },
];
const open = (salt: string): Promise<Crypter> => openCrypter("correct-horse", salt);
const withoutTime = (text: string): string => text.replace(/("manifest":\{"time":")[^"]*/, "$1");

describe("what the official CLI wrote", () => {
  for (const { fixture, state, project } of recordings) {
    it(`${fixture}/${state}: is read, and written again byte for byte`, async () => {
      const folder = copyOf(fixture);
      const ref = { project, name: "dev" };
      const backend = new Backend(join(folder, state));
      editCheckpoint(backend.stackFile(ref), withoutRefused);
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
  interface Ran {
    code: number | null;
    stdout: string;
    stderr: string;
  }
  const pulumi = (folder: string, state: string, ...args: string[]): Promise<Ran> => {
    const child = spawn(process.execPath, [bin, ...args, "--stack", "dev"], {
      cwd: folder,
      env: {
        ...process.env,
        PULUMI_BACKEND_URL: `file://${folder}/${state}`,
        PULUMI_CONFIG_PASSPHRASE: "correct-horse",
        PULUMI_HOME: join(folder, "home"),
        FAIRLEAD_ENGINE: "embedded",
        PULUMI_NODEJS_TRANSPILE_ONLY: "true",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    return new Promise((done) => child.on("close", (code) => done({ code, stdout, stderr })));
  };
  const preview = async (folder: string, state: string): Promise<Digest> => {
    const { stdout, stderr } = await pulumi(folder, state, "preview", "--json");
    assert.notEqual(stdout, "", stderr);
    return JSON.parse(stdout) as Digest;
  };
  interface Digest {
    steps: { op: string; urn: string; detailedDiff: object | null; newState?: { inputs?: object } }[];
    changeSummary: Record<string, number>;
  }

  it("probe: nothing changes", async () => {
    const folder = copyOf("pulumi-3.260");
    const { changeSummary } = await preview(folder, "state");
    assert.deepEqual(changeSummary, { same: 7 });
    rmSync(folder, { recursive: true });
  });

  const stateFile = (folder: string): string => join(folder, "state-r1/.pulumi/stacks/vps/dev.json");

  it("vps with another release, as far as the project uses it: the official plan", async () => {
    const folder = copyOf(SERVER);
    editCheckpoint(stateFile(folder), withoutRefused);
    editServerProgram(folder);
    const config = new StackConfig(loadProject(folder), "dev");
    config.set("release", "r2", { path: false });
    config.save();
    const ours = await preview(folder, "state-r1");
    const recorded = JSON.parse(readFileSync(join(folder, "preview-r2.json"), "utf8")) as Digest;
    const theirs = {
      steps: recorded.steps.filter(({ urn }) => isSupported(urn)),
      // Pet, id, string and the two copies didn't change.
      changeSummary: { ...recorded.changeSummary, same: (recorded.changeSummary["same"] ?? 0) - 5 },
    };
    const plan = ({ steps, changeSummary }: Digest): unknown => ({
      changeSummary,
      steps: steps
        .map(({ op, urn, detailedDiff }) => ({ op, urn, detailedDiff }))
        .sort((a, b) => (a.urn < b.urn ? -1 : 1)),
    });
    assert.deepEqual(plan(ours), plan(theirs));
    rmSync(folder, { recursive: true });
  });

  const refusals: [what: string, edit: (resources: RecordedJson[]) => RecordedJson[], reason: RegExp][] = [
    ["a copied file", (all) => all, /CopyToRemote::file: an asset or archive is not supported/],
    [
      "a random pet",
      (all) => withoutUse(all, ({ type }) => !type.includes("CopyToRemote")),
      /the resource type "random:index\/randomPet:RandomPet" is not supported/,
    ],
    [
      "a container's DNS servers",
      (all) => withoutUse(all, ({ urn }) => isSupported(urn)),
      /::database: property "dns" of docker:index\/container:Container is not supported/,
    ],
  ];
  for (const [what, edit, reason] of refusals)
    it(`vps with ${what}: refused by name before anything changes, with the way on`, async () => {
      const folder = copyOf(SERVER);
      editCheckpoint(stateFile(folder), edit);
      const before = readFileSync(stateFile(folder), "utf8");
      for (const command of ["up", "refresh", "destroy"]) {
        const ran = await pulumi(folder, "state-r1", command, "--yes", "--skip-preview");
        assert.equal(ran.code, 2, ran.stdout + ran.stderr);
        assert.match(ran.stdout + ran.stderr, reason);
        assert.match(ran.stdout + ran.stderr, /use the official Pulumi CLI \(npm install -g pulumi\)/);
      }
      assert.ok(readFileSync(stateFile(folder), "utf8") === before, "the state was written");
      assert.ok(!existsSync(join(folder, "state-r1/.pulumi/history")), "the history has an entry");
      rmSync(folder, { recursive: true });
    });
}).timeout(60_000);

/** The chosen resources; nothing depends on the others any more. */
function withoutUse(all: RecordedJson[], chosen: (resource: RecordedJson) => boolean): RecordedJson[] {
  const left = all.filter(chosen);
  const urns = new Set(left.map(({ urn }) => urn));
  return left.map((resource) => {
    const dependencies = (resource["dependencies"] ?? []) as string[];
    return { ...resource, dependencies: dependencies.filter((urn) => urns.has(urn)) };
  });
}
