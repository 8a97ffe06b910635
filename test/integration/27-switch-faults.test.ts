import assert from "node:assert/strict";
import type { Document } from "yaml";
import { until } from "./support/box.ts";
import type { Ran } from "./support/project.ts";
import { torture } from "./support/torture/world.ts";

const said = ({ stdout, stderr }: Ran): string => `${stdout}\n${stderr}`;
const conf = "/opt/torture/switch/conf";

/** Changes of switch, edge and their files that bypass the automation. */
const BROKEN: [what: string, script: string][] = [
  ["a file of an application gone", `rm ${conf}/conf.d/torture.cfg; docker restart torture_switch`],
  [
    "a file of an application that HAProxy refuses",
    `echo nonsense > ${conf}/conf.d/torture.cfg; docker restart torture_switch`,
  ],
  [
    "the same, without the last good one",
    `rm -r ${conf}/good; echo nonsense > ${conf}/conf.d/torture.cfg; docker restart torture_switch`,
  ],
  [
    "a stray file that HAProxy refuses",
    `echo nonsense > ${conf}/conf.d/stray.cfg; docker restart torture_switch`,
  ],
  ["its own file gone", `rm ${conf}/haproxy.cfg; docker restart torture_switch`],
  ["all files gone", `rm -r ${conf}/*; docker restart torture_switch`],
  ["a file that HAProxy refuses, not read yet", `echo nonsense > ${conf}/conf.d/torture.cfg`],
  ["the runtime socket gone", "rm /opt/torture/switch/run/_admin.sock"],
  ["the application's socket gone", "rm /opt/torture/switch/run/torture.sock"],
  ["paused", "docker pause torture_switch"],
  ["stopped", "docker stop torture_switch"],
  ["removed", "docker rm -f torture_switch"],
];

const EDGE: [what: string, script: string][] = [
  ["the edge's files gone", "rm -r /opt/torture/edge/live; docker restart torture_nginx || true"],
  [
    "files that Nginx refuses",
    "echo nonsense > /opt/torture/edge/live/nginx.conf; docker restart torture_nginx || true",
  ],
  [
    "all folders of the edge gone",
    "docker stop torture_nginx; rm -r /opt/torture/edge /opt/torture/spool; docker start torture_nginx || true",
  ],
  ["the edge paused", "docker pause torture_nginx"],
];

describe("switch and edge, whatever state they are in", function () {
  this.timeout(300_000);
  before("the torture application", () => torture.ready());

  for (const [what, script] of [...BROKEN, ...EDGE])
    it(`are as declared after npm run up: ${what}`, async () => {
      assert.equal((await torture.ssh(["sh", "-ec", script])).exitCode, 0);
      await torture.up();
      assert.equal((await torture.client.ask("/")).status, 200);
      assert.equal((await torture.ssh(["test", "-e", `${conf}/conf.d/stray.cfg`])).exitCode, 1);
    });

  it("and nothing of it is left to repair", async () => {
    const drift = await torture.project.run("drift", "--stack", torture.stack);
    assert.equal(drift.exitCode, 0, said(drift));
  });
});

describe("a release that fails", function () {
  this.timeout(300_000);
  before("the torture application", () => torture.ready());
  after("as declared again", () => torture.doubt());

  const containers = async (): Promise<string[]> =>
    (
      await torture.ssh([
        "docker",
        "ps",
        "-a",
        "--filter",
        "label=service=torture",
        "--format",
        "{{.State}} {{.Names}}",
      ])
    ).stdout.split("\n");
  const environment = (values: Record<string, string>) => (file: Document) =>
    file.setIn([...torture.app(), "environment"], values);

  it("and crashes at once is stopped, and its own words are shown", async () => {
    torture.project.edit(
      torture.stack,
      environment({ CRASH_AFTER: "0", LAST_WORDS: "no such table: people" }),
    );
    for (let tries = 0; tries < 2; tries++) {
      const ran = await torture.pulumiUp();
      assert.notEqual(ran.exitCode, 0);
      assert.match(said(ran), /gets no traffic; what served before still does[^]*no such table: people/);
      assert.match(said(ran), /Stopped: torture-/);
      assert.doesNotMatch(said(ran), /cannot update a stopped container/);
      assert.deepEqual((await containers()).map((line) => line.split(" ")[0]).sort(), ["exited", "running"]);
    }
    assert.equal((await torture.client.ask("/")).headers["x-version"], "first");
    const drift = await torture.project.run("drift", "--stack", torture.stack);
    assert.equal(drift.exitCode, 0, said(drift));
  });

  it("and passes its own check while its port answers nothing gets no traffic, the first time neither", async () => {
    torture.project.edit(torture.stack, (file) => {
      environment({ VERSION: "first" })(file);
      const health = { command: ["true"], within: "6 s" };
      torture.add(file, "worker", {
        health,
        environment: { LISTEN: "none" },
        routes: [{ path: "/worker/" }],
      });
    });
    const ran = await torture.pulumiUp();
    assert.notEqual(ran.exitCode, 0);
    assert.match(said(ran), /doesn't answer the traffic switch within \d+ s: L4CON: Connection refused/);
    assert.match(
      said(ran),
      /GET \/health on port 8080[^]*apps\.worker\.port or apps\.worker\.health \(path, /,
    );
    assert.equal(
      (await torture.client.ask("/worker/")).headers["x-version"],
      "first",
      "its route isn't there yet",
    );
    torture.project.edit(torture.stack, (file) =>
      file.setIn([...torture.app("worker"), "environment"], { VERSION: "worker" }),
    );
    const again = await torture.pulumiUp();
    assert.equal(again.exitCode, 0, said(again));
    await until(
      "the worker answers",
      5,
      async () => (await torture.client.ask("/worker/")).headers["x-version"] === "worker",
    );
  });

  it("at the switch's check only keeps the old one, whose traffic stays", async () => {
    torture.project.edit(torture.stack, (file) => {
      environment({ VERSION: "second", HEALTH_PATH: "/elsewhere", HEALTH_STATUS: "503" })(file);
      file.setIn([...torture.app(), "health"], { command: ["true"], path: "/elsewhere", within: "6 s" });
    });
    const ran = await torture.pulumiUp();
    assert.notEqual(ran.exitCode, 0);
    assert.match(said(ran), /L7STS 503/);
    assert.equal((await torture.client.ask("/")).headers["x-version"], "first");
    // It passes the check that its own update declared, and that must be the one after the next start too.
    await torture.ssh(["docker", "restart", "torture_switch"]);
    await until("the old one answering again", 30, () => serves("first"));
    await new Promise((resolve) => setTimeout(resolve, 4000));
    assert.ok(await serves("first"), "after as many checks as take a server down");
  });

  const serves = async (version: string): Promise<boolean> => {
    const { status, headers } = await torture.client.ask("/");
    return status === 200 && headers["x-version"] === version;
  };
});
