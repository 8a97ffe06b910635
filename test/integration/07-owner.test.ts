import assert from "node:assert/strict";
import { execa } from "execa";
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { addressesOn, onConsole } from "./support/box.ts";
import type { Ran } from "./support/project.ts";
import { world } from "./support/stack.ts";

/** What another stack, or another run, would change: containers, volumes, folders, tools, the owner itself. */
async function onServer(): Promise<string> {
  const look =
    "docker ps -a --no-trunc --format '{{.ID}}'; docker volume ls; docker network ls; cat /var/lib/fairlead/owner.json; " +
    "find /opt /etc/docker /etc/ufw /usr/local/lib/fairlead -newer /var/lib/fairlead/owner.json -type f; ls /opt/*";
  return (await onConsole(["sh", "-c", look])).stdout;
}

describe("one server, one owner", () => {
  before(() => world.ready());
  const project = (): typeof world.project => world.project;
  const failed = ({ exitCode, stdout, stderr }: Ran, ...words: RegExp[]): void => {
    assert.equal(exitCode, 1, stdout + stderr);
    for (const one of words) assert.match(stdout + stderr, one);
  };

  describe("another stack at the same address", () => {
    before(async () => {
      const { v4: address } = await addressesOn("fairlead");
      const known = project().read(".fairlead/staging/ssh/known_hosts");
      const file = world.file.replace(/^ {4}box:\n(?: {6}.*\n)*/m, "");
      project().write("Pulumi.two.yaml", file.replace(/^encryptionsalt:.*\n/m, ""));
      project().edit("two", (document) => {
        const server = {
          address,
          hostKey: known.trim().replace(/^\S+ /, ""),
          registry: "registry.fairlead.internal:5000",
        };
        document.setIn(["config", "fairlead:server"], document.createNode(server));
        document.setIn(["config", "fairlead:name"], "second");
        for (const secret of ["POSTGRES_PASSWORD", "REDIS_PASSWORD", "CLAUDE_API_KEY"])
          document.deleteIn(["config", `fairlead:${secret}`]);
        document.setIn(["config", "fairlead:apps", "backend", "secrets"], []);
      });
      const { exitCode, stdout, stderr } = await project().run("setup", "--stack", "two", "--yes");
      assert.equal(exitCode, 0, stdout + stderr);
      const key = project().read(".fairlead/staging/ssh/identity");
      await project().pulumi(["config", "set", "--secret", "SSH_PRIVATE_KEY", "--stack", "two"], key);
    });
    after(async () => {
      await project().run("down", "--stack", "two", "--forget", "--yes");
      rmSync(join(project().folder, "Pulumi.two.yaml"), { force: true });
    });

    it("is refused before anything changes, with the way to take the server over", async () => {
      const before = await onServer();
      failed(
        await project().run("up", "--stack", "two", "--yes"),
        /belongs to the stack staging of fairlead \(system \w+, [0-9a-f-]{36}\)/,
        /fairlead disown [0-9a-f-]{36}/,
      );
      failed(await world.pulumiUp("two"), /belongs to the stack staging of fairlead/);
      assert.equal(await onServer(), before);
      assert.equal((await world.client.ask("/health/deep")).status, 200);
      assert.equal((await world.up()).changed, 0);
    });
  });

  describe("a setting that data depends on", () => {
    const original = (): string => base;
    let base: string;
    before(() => (base = world.file));
    afterEach(() => (world.file = original()));

    for (const [what, path, value, words] of [
      [
        "the database's name",
        ["database", "name"],
        "other",
        /database\.name: \w+ → other would leave data behind/,
      ],
      ["the system's name", ["name"], "other", /\bname: \w+ → other would leave data behind/],
    ] as const)
      it(`isn't changed unasked: ${what}`, async () => {
        const before = await onServer();
        const [first, ...rest] = path;
        project().edit("staging", (document) =>
          document.setIn(["config", `fairlead:${first}`, ...rest], value),
        );
        const ran = path.length > 1 ? await project().run("up") : await world.pulumiUp();
        failed(ran, words, /fairlead forget (database\.)?name/);
        assert.equal(await onServer(), before, "the file behind DATABASE_URL too");
        assert.equal((await world.client.ask("/health/deep")).status, 200);
      });

    it("as it was, goes on as before", async () => {
      await world.up();
      assert.equal((await world.up()).changed, 0);
    });
  });

  describe("two runs at once", () => {
    let laptop: string;
    before("another machine with a copy of the state", () => {
      laptop = mkdtempSync(join(tmpdir(), "fairlead-laptop-"));
      const modules = join(project().folder, "node_modules");
      cpSync(project().folder, laptop, { recursive: true, filter: (path) => path !== modules });
      symlinkSync(modules, join(laptop, "node_modules"));
    });
    after(() => rmSync(laptop, { recursive: true }));
    const there = (): Promise<Ran> =>
      project().exec("node", [join(laptop, "automation/bootstrap.mjs"), "automation/cli.ts", "up"]);

    it("of one checkout, 0.5, 2 or 4.5 s apart: one goes through, the others say who runs and change nothing", async () => {
      const runs = await Promise.all(
        [0, 0.5, 2, 4.5].map(async (seconds): Promise<Ran> => {
          await sleep(seconds * 1000);
          return project().run("up", "--json");
        }),
      );
      // Which of two that start half a second apart is first is the machine's affair.
      const through = runs.filter(({ exitCode }) => exitCode === 0);
      assert.equal(through.length, 1, runs.map(({ stdout, stderr }) => stdout + stderr).join("\n"));
      assert.equal((JSON.parse(through[0]!.stdout) as { changed: number }).changed, 0);
      for (const other of runs.filter((one) => one !== through[0]))
        failed(other, /npm run up of staging is running: .*pid \d+\), since .*Z/, /Wait for it/);
    });

    it("from two machines: the server itself knows who changes it; looking is free", async () => {
      // A run of the first machine that goes on for as long as it is asked here.
      const { id: ownerId } = JSON.parse(
        (await onConsole(["cat", "/var/lib/fairlead/owner.json"])).stdout,
      ) as { id: string };
      const hello = { ownerId, token: "first", who: "ann@laptop", what: "npm run up" };
      const [, ...ssh] = world.staging.ssh.split(" ");
      const holder = execa("node", ["assets/local/hold-server.mjs"], {
        cwd: project().folder,
        reject: false,
        input: `${JSON.stringify({ ssh, command: "/usr/local/bin/fairlead hold", hello, parent: process.pid })}\n`,
      });
      const answer = await new Promise<string>((done) =>
        holder.stdout.once("data", (data: Buffer) => done(String(data))),
      );
      assert.deepEqual(JSON.parse(answer), { state: "held" });
      const before = await onServer();
      const who = /changed by another run: npm run up by ann@laptop since \S+Z/;
      failed(await there(), who, /free a minute after/);
      failed(await world.pulumiUp(), who);
      assert.equal((await project().run("drift")).exitCode, 0);
      assert.equal((await project().pulumi(["preview", "--stack", "staging"])).exitCode, 0);
      assert.equal(await onServer(), before);
      holder.kill("SIGKILL");
      await holder;
      const { exitCode, stdout, stderr } = await there();
      assert.equal(exitCode, 0, `free again, however the run ended: ${stdout}${stderr}`);
    });
  });

  describe("a server that is gone for good", () => {
    it("is named within a bounded time, and the stack can be forgotten", async () => {
      const options = JSON.stringify(["-o", "BatchMode=yes", "-o", "ConnectTimeout=3"]);
      const urn = (type: string, name: string): string => `urn:pulumi:gone::fairlead::${type}::${name}`;
      const provider = { urn: urn("pulumi:providers:docker", "runtime"), type: "pulumi:providers:docker" };
      const command = { urn: urn("command:remote:Command", "host-base"), type: "command:remote:Command" };
      const resources = [
        { urn: urn("pulumi:pulumi:Stack", "fairlead-gone"), type: "pulumi:pulumi:Stack", custom: false },
        { ...provider, custom: true, id: "p", inputs: { host: "ssh://root@192.0.2.1:22", sshOpts: options } },
        { ...command, custom: true, id: "c", inputs: { create: "/usr/local/bin/fairlead apply" } },
      ];
      const file = world.file.replace(/^ {4}box:\n(?: {6}.*\n)*/m, "");
      project().write("Pulumi.gone.yaml", file);
      project().edit("gone", (document) => {
        const server = { address: "192.0.2.1", hostKey: "ssh-ed25519 AAAA" };
        document.setIn(["config", "fairlead:server"], document.createNode(server));
      });
      await project().pulumi(["stack", "init", "gone"]);
      const state = { version: 3, deployment: { manifest: { time: "2026-01-01T00:00:00Z" }, resources } };
      const imported = await project().pulumi(["stack", "import", "--stack", "gone"], JSON.stringify(state));
      assert.equal(imported.exitCode, 0, imported.stderr);
      const started = performance.now();
      failed(
        await project().run("down", "--stack", "gone", "--yes"),
        /root@192\.0\.2\.1 \(port 22\) can't be reached, so nothing was deleted/,
        /--forget/,
      );
      assert.ok(performance.now() - started < 30_000);
      const { exitCode, stdout, stderr } = await project().run(
        "down",
        "--stack",
        "gone",
        "--forget",
        "--yes",
      );
      assert.equal(exitCode, 0, stdout + stderr);
      assert.match(
        stdout,
        /gone is forgotten\.\n(.*\n)*Kept: everything on 192\.0\.2\.1: nothing there was deleted/,
      );
      assert.match((await project().run("down", "--stack", "gone", "--yes")).stdout, /no stack gone/);
      rmSync(join(project().folder, "Pulumi.gone.yaml"), { force: true });
    });
  });
});
