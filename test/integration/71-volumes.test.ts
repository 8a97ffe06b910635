import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { parseDocument } from "yaml";
import { world } from "./support/stack.ts";

/** Writes a line into a volume at each start, and answers with everything that it finds. */
const SERVER = `
const fs = require("fs");
fs.appendFileSync("/files/starts", process.env.VERSION + " ");
const status = fs.readFileSync("/proc/self/status", "utf8");
const answer = () => ({
  starts: fs.readFileSync("/files/starts", "utf8"),
  settings: fs.readFileSync("/etc/notes.conf", "utf8"),
  memory: fs.statfsSync("/scratch").blocks * fs.statfsSync("/scratch").bsize,
  groups: process.getgroups(),
  hosts: fs.readFileSync("/etc/hosts", "utf8").split("\\n").filter((line) => line.includes("legacy")).length,
  files: /Max open files +(\\d+)/.exec(fs.readFileSync("/proc/self/limits", "utf8"))[1],
  capabilities: /CapBnd:\\s+(\\w+)/.exec(status)[1],
});
require("http").createServer((_, res) => res.end(JSON.stringify(answer()))).listen(8080);
`;

const APP = ["config", "fairlead:apps", "notes"];

const notes = (version: string): object => ({
  image: String(parseDocument(world.file).getIn(["config", "fairlead:apps", "backend", "image"])),
  port: 8080,
  command: ["node", "-e", SERVER],
  environment: { VERSION: version },
  user: "1234:1234",
  health: { path: "/", within: "20 s" },
  drain: "1 s",
  routes: [{ path: "/notes/" }],
  volumes: { files: { path: "/files", owner: "1234:1234", mode: "0750" } },
  files: [{ source: "notes.conf", path: "/etc/notes.conf" }],
  tmpfs: { "/scratch": "8 MB" },
  groups: [4321],
  hosts: { legacy: "10.9.8.7" },
  ulimits: { nofile: 2048 },
  capabilities: ["NET_BIND_SERVICE"],
  init: true,
});

async function declare(app: object | undefined): Promise<string> {
  world.project.edit(world.stack, (document) => {
    if (app) document.setIn(APP, document.createNode(app));
    else document.deleteIn(APP);
  });
  const { exitCode, stdout, stderr } = await world.pulumiUp();
  assert.equal(exitCode, 0, stdout + stderr);
  return stdout + stderr;
}

const ask = async (): Promise<Record<string, unknown>> =>
  JSON.parse((await world.client.ask("/notes/")).body) as Record<string, unknown>;

const VOLUME = "maicivy_notes_files";

describe("data of an application, and how its containers are made", function () {
  this.timeout(300_000);
  before("the stack", async () => {
    await world.ready();
    world.project.write("notes.conf", "first\n");
  });
  after("as it was", async () => {
    await declare(undefined);
    await world.ssh(["docker", "volume", "rm", "--force", VOLUME]);
    rmSync(join(world.project.folder, "notes.conf"));
  });

  it("are as declared", async () => {
    await declare(notes("one"));
    const { groups, ...found } = await ask();
    assert.deepEqual(found, {
      starts: "one ",
      settings: "first\n",
      memory: 8 * 1024 ** 2,
      hosts: 1,
      files: "2048",
      capabilities: "0000000000000400",
    });
    assert.ok((groups as number[]).includes(4321));
  });

  it("last over releases, of which a changed file makes one", async () => {
    await declare(notes("two"));
    assert.equal((await ask()).starts, "one two ");
    world.project.write("notes.conf", "second\n");
    await declare(notes("two"));
    const { starts, settings } = await ask();
    assert.deepEqual([starts, settings], ["one two two ", "second\n"]);
  });

  it("leave nothing to do, and their drift is found and repaired", async () => {
    const preview = await world.project.pulumi(["preview", "--expect-no-changes", "--stack", world.stack]);
    assert.equal(preview.exitCode, 0, preview.stdout);
    const folder = `/var/lib/docker/volumes/${VOLUME}/_data`;
    await world.ssh(["chmod", "0777", folder]);
    const drift = await world.project.run("drift", "--stack", world.stack);
    assert.equal(drift.exitCode, 1, drift.stdout);
    assert.match(drift.stdout, /maicivy_notes_files[^]*0750[^]*0777/);
    const up = await world.project.run("up", "--stack", world.stack, "--yes", "--watch", "0");
    assert.equal(up.exitCode, 0, up.stdout + up.stderr);
    assert.equal((await world.ssh(["stat", "-c", "%a %u", folder])).stdout.trim(), "750 1234");
  });

  it("stay when the application is removed, which says so, and are there when it comes back", async () => {
    assert.match(await declare(undefined), /maicivy_notes_files is no longer declared and keeps its data/);
    await declare(notes("three"));
    assert.equal((await ask()).starts, "one two two three ");
  });
});
