import assert from "node:assert/strict";
import type { UpResult } from "../../automation/verbs/up.ts";
import type { Ran } from "./support/project.ts";
import { torture } from "./support/torture/world.ts";

interface Failed {
  error: { message: string; remedy: string; restored: string[] };
}

describe("npm run up that isn't healthy through the edge", function () {
  this.timeout(300_000);
  before("the torture application", () => torture.ready());

  const up = (...args: string[]): Promise<Ran> =>
    torture.project.run("up", "--stack", "torture", "--json", ...args);
  const environment = (values: Record<string, string>): void =>
    torture.project.edit("torture", (document) => document.setIn([...torture.app(), "environment"], values));
  const version = async (): Promise<unknown> => (await torture.client.ask("/")).headers["x-version"];
  const release = (): string => torture.out.releases["torture"]![0]!.release;

  it("takes back a release that crashes after its check, with its last words, and keeps the user's file", async () => {
    environment({ VERSION: "crashing", CRASH_AFTER: "6", LAST_WORDS: "out of luck" });
    const file = torture.file;
    const { exitCode, stdout } = await up();
    assert.equal(exitCode, 1, stdout);
    const { error } = JSON.parse(stdout) as Failed;
    assert.match(error.message, /(Not healthy through the edge|Stopped after it was healthy): .*torture/);
    assert.match(error.message, /Last log lines of torture-\S+:\n[^]*out of luck/);
    assert.match(error.message, /what served before serves again \(torture-\w+\)/);
    assert.match(error.remedy, /Pulumi\.torture\.yaml still declares what failed/);
    assert.deepEqual(error.restored, [release()]);
    assert.equal(await version(), "first");
    assert.equal(torture.file, file);
  });

  it("takes back what only visitors see, with its settings, also without a time to watch", async () => {
    environment({ VERSION: "unseen" });
    torture.project.edit("torture", (document) =>
      document.setIn([...torture.app(), "health"], { probe: "/abort" }),
    );
    const { exitCode, stdout } = await up("--watch", "0");
    assert.equal(exitCode, 1, stdout);
    const { error } = JSON.parse(stdout) as Failed;
    assert.match(error.message, /Not healthy through the edge: torture: \S+ answered 502/);
    assert.deepEqual(error.restored, [release()]);
    assert.equal(await version(), "first");
  });

  it("puts back what plain pulumi deployed meanwhile, with its settings", async () => {
    torture.project.edit("torture", (document) => document.deleteIn([...torture.app(), "health"]));
    await torture.release({ VERSION: "plain" });
    environment({ VERSION: "unseen" });
    torture.project.edit("torture", (document) =>
      document.setIn([...torture.app(), "health"], { probe: "/abort" }),
    );
    const { exitCode, stdout } = await up("--watch", "0");
    torture.project.edit("torture", (document) => document.deleteIn([...torture.app(), "health"]));
    assert.equal(exitCode, 1, stdout);
    const { error } = JSON.parse(stdout) as Failed;
    assert.match(error.message, /what served before serves again/);
    assert.equal(await version(), "plain");
  });

  it("takes everything back when one release is refused and another crashes again and again meanwhile", async () => {
    await torture.ready();
    const file = torture.file;
    environment({ VERSION: "crashing", CRASH_AFTER: "5", LAST_WORDS: "out of luck" });
    torture.project.edit("torture", (document) =>
      torture.add(document, "silent", {
        environment: { LISTEN: "none" },
        health: { within: "15 s" },
        routes: [{ path: "/silent/" }],
      }),
    );
    const { exitCode, stdout } = await up();
    torture.file = file;
    assert.equal(exitCode, 1, stdout);
    const { error } = JSON.parse(stdout) as Failed;
    assert.match(error.message, /silent-\S+ did not become healthy within 15 s/);
    assert.match(error.message, /Meanwhile (stopped after it was|not) healthy[^]*torture/);
    assert.match(error.message, /what served before serves again/);
    assert.equal(await version(), "first");
  });

  it("deploys what is declared the next time, with a configuration of 1 MB, and stays up", async () => {
    const large = Array.from({ length: 9 }, (_, index) => [`LARGE_${index}`, "x".repeat(125_000)]);
    environment({ VERSION: "large", ...(Object.fromEntries(large) as Record<string, string>) });
    const { exitCode, stdout } = await up("--watch", "1");
    assert.equal(exitCode, 0, stdout.slice(0, 2000));
    assert.equal(((JSON.parse(stdout) as UpResult).probes[0] ?? {}).answer, "200");
    assert.equal(await version(), "large");
    const looked = await torture.project.run("drift", "--stack", "torture");
    assert.equal(looked.exitCode, 0, looked.stdout.slice(0, 2000) + looked.stderr.slice(0, 2000));
  });
});
