import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { containerNames, logsOf, startsOf } from "../../automation/lib/containers.ts";
import { Server } from "../../automation/lib/server.ts";
import { cleanUp, docker, onEngine, PREFIX, published } from "./support.ts";

/** A client that runs its last argument here instead of on a server: the Docker engine is this machine's. */
const CLIENT = '#!/bin/sh\nfor last; do :; done\necho "This system is private." >&2\nexec sh -c "$last"\n';

onEngine("containers of releases, on a real engine", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "fairlead-client-"));
  const client = join(folder, "client");
  const server = new Server({ client, ssh: ["-p", "22", "root@here"], tool: "fairlead" });
  const release = `${PREFIX}-0123456789`;
  // As Pulumi names them.
  const names = [`${release}-1-f9ee53b`, `${release}-2-0a1b2c3`, `${release}0-1-f9ee53b`];

  before("three containers that crash again and again", async function () {
    this.timeout(300_000);
    writeFileSync(client, CLIENT);
    chmodSync(client, 0o755);
    const { redis } = await published(["redis"]);
    for (const name of names) {
      const container = await docker.createContainer({
        name,
        Image: redis,
        Entrypoint: ["sh", "-c", "echo begun; echo failed >&2; sleep 2; exit 1"],
        Labels: { service: PREFIX },
        HostConfig: { RestartPolicy: { Name: "unless-stopped" } },
      });
      await container.start();
    }
  });
  after(async () => {
    await cleanUp();
    rmSync(folder, { recursive: true });
  });

  it("are found by their release, whatever Pulumi appends, and not by a longer name", async () => {
    assert.deepEqual([...(await startsOf(server, [release])).keys()].sort(), names.slice(0, 2));
    assert.deepEqual([...(await startsOf(server, [names[2]!])).keys()], [names[2]]);
    assert.equal((await startsOf(server, [])).size, 0);
  });

  it("show that they were started again", async () => {
    const first = await startsOf(server, [release]);
    await sleep(5000);
    for (const [name, { at, restarting }] of await startsOf(server, [release]))
      assert.ok(restarting || at !== first.get(name)!.at, name);
  });

  it("are listed by their application", async () => {
    assert.deepEqual((await containerNames(server, [PREFIX])).sort(), [...names].sort());
    assert.deepEqual(await containerNames(server, ["another"]), []);
  });

  it("give their last words, of both streams", async () => {
    const words = await logsOf(server, [release]);
    for (const name of names.slice(0, 2)) assert.match(words, new RegExp(`Last log lines of ${name}:\n`));
    assert.match(words, /begun/);
    assert.match(words, /failed/);
    assert.doesNotMatch(words, /private/);
  });
});
