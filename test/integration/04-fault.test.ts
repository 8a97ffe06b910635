import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { boxName } from "./support/box.ts";
import type { Ran } from "./support/project.ts";
import { freePort } from "./support/project.ts";
import { changesIn } from "./support/changes.ts";
import { world } from "./support/stack.ts";

/** Everything that a command said. */
const said = ({ stdout, stderr }: Ran): string => `${stdout}\n${stderr}`;

describe("faults", () => {
  before("the stack", () => world.ready());

  const healthy = async (): Promise<void> =>
    assert.equal((await world.client.ask("/health/deep")).status, 200);
  /** A change that has to reach the server. */
  const change = (value: string): void =>
    world.project.edit("staging", (document) =>
      document.setIn(["config", "fairlead:apps", "backend", "environment", "MARK"], value),
    );

  afterEach("the stack still serves", healthy);

  it("a bad setting stops before anything changes, with every problem and remedy", async () => {
    const before = world.file;
    world.project.edit("staging", (document) => {
      document.setIn(["config", "fairlead:apps", "backend", "prot"], 1);
      document.setIn(["config", "fairlead:cache"], { memory: "lots" });
    });
    try {
      for (const ran of [await world.pulumiUp(), await world.project.run("up", "--stack", "staging")]) {
        assert.notEqual(ran.exitCode, 0);
        assert.match(said(ran), /apps\.backend\.prot: unknown setting\n\s+Did you mean "port"\?/);
        assert.match(said(ran), /cache\.memory: expected a size such as "512 MB", found "lots"/);
      }
    } finally {
      world.file = before;
    }
  });

  it("a wrong passphrase is named", async () => {
    const ran = await world.project.exec(
      "node",
      ["automation/bootstrap.mjs", "automation/cli.ts", "up", "--stack", "staging"],
      { PULUMI_CONFIG_PASSPHRASE: "wrong" },
    );
    assert.notEqual(ran.exitCode, 0);
    assert.match(said(ran), /The passphrase doesn't open the stack's secrets\./);
    assert.match(said(ran), /What to do: .*PULUMI_CONFIG_PASSPHRASE/s);
  });

  it("a corrupted state file is refused, and the backup named", async () => {
    const path = ".fairlead/state/.pulumi/stacks/fairlead/staging.json";
    const whole = world.project.read(path);
    writeFileSync(join(world.project.folder, path), whole.slice(0, whole.length / 2));
    try {
      const ran = await world.pulumiUp();
      assert.notEqual(ran.exitCode, 0);
      assert.match(said(ran), /staging\.json\.bak/);
    } finally {
      writeFileSync(join(world.project.folder, path), whole);
    }
  });

  it("another host key is refused", async () => {
    change("host-key");
    const key = "/etc/ssh/fairlead_host_ed25519_key";
    await world.ssh([
      "sh",
      "-c",
      `cp -p ${key} /root/key && rm ${key} && ssh-keygen -q -t ed25519 -N '' -f ${key} && systemctl restart ssh`,
    ]);
    try {
      const ran = await world.pulumiUp();
      assert.notEqual(ran.exitCode, 0);
      assert.match(said(ran), /host key mismatch for 127\.0\.0\.1|host key verification failed/i);
    } finally {
      const container = await boxName();
      await execa("docker", [
        "exec",
        container,
        "sh",
        "-c",
        `mv /root/key ${key} && rm ${key}.pub && systemctl restart ssh`,
      ]);
    }
    assert.equal((await world.pulumiUp()).exitCode, 0);
  });

  it("an unreachable host is named with its address, and the next update goes on", async () => {
    change("unreachable");
    const container = await boxName();
    await execa("docker", ["exec", container, "systemctl", "stop", "ssh.service", "ssh.socket"], {
      reject: false,
    });
    try {
      const ran = await world.pulumiUp();
      assert.notEqual(ran.exitCode, 0);
      assert.match(said(ran), /127\.0\.0\.1[^\n]*(failed attempts|refused|timed out)/i);
    } finally {
      await execa("docker", ["exec", container, "systemctl", "start", "ssh.service"]);
    }
    assert.equal((await world.pulumiUp()).exitCode, 0);
  });

  it("an interrupted update ends what is under way, and the next one takes it up", async () => {
    change("interrupted");
    const ran = await world.project.interrupted(/created backend/, "up", "--stack", "staging");
    assert.equal(ran.exitCode, 130, said(ran));
    assert.match(said(ran), /Interrupted\.\s+What to do: Run the same command again/);
    assert.equal((await world.pulumiUp()).exitCode, 0);
    const again = await world.pulumiUp();
    assert.deepEqual([again.exitCode, changesIn(again.stdout)], [0, []]);
  });

  it("an interrupted update waits no longer for a release that isn't healthy, which is stopped", async () => {
    const before = world.file;
    const health = ["config", "fairlead:apps", "backend", "health"];
    world.project.edit("staging", (document) => {
      document.setIn([...health, "path"], "/never");
      document.setIn([...health, "within"], "10 min");
    });
    const began = Date.now();
    const ran = await world.project.interrupted(/waiting for \S*backend/, "up", "--stack", "staging");
    world.file = before;
    assert.equal(ran.exitCode, 130, said(ran));
    assert.ok(Date.now() - began < 180_000, "it didn't wait for ten minutes");
    assert.match(said(ran), /Interrupted\.\n[^]*gets no traffic; what served before still does/);
    assert.match(said(ran), /was not waited for any longer: the update was interrupted\./);
    assert.match(said(ran), /Stopped: \S*backend/);
    assert.equal((await world.pulumiUp()).exitCode, 0);
  });

  it("a stopped Docker engine on the server is named; running containers go on", async () => {
    change("no-engine");
    await world.ssh(["systemctl", "stop", "docker.socket", "docker.service"]);
    try {
      const ran = await world.pulumiUp();
      assert.notEqual(ran.exitCode, 0);
      assert.match(said(ran), /cannot reach the Docker engine at /);
      await healthy();
    } finally {
      await world.ssh(["systemctl", "start", "docker"]);
    }
    assert.equal((await world.pulumiUp()).exitCode, 0);
  });

  it("a broken configuration of the edge is refused by the real Nginx, and the old one stays", async () => {
    const live = "/opt/maicivy/edge/live/nginx.conf";
    const before = (await world.ssh(["cat", live])).stdout;
    const files = { "nginx.conf": "events {}\nhttp { server { listen 80 }" };
    const image = (await world.ssh(["docker", "inspect", "-f", "{{.Image}}", "maicivy_nginx"])).stdout.trim();
    const input = {
      directory: "/opt/maicivy/edge",
      container: "maicivy_nginx",
      image,
      mounts: { "/opt/maicivy/edge": "/etc/fairlead" },
      writable: [],
      oldProcesses: 8,
      tmpfs: ["/run", "/tmp"],
      files,
    };
    const ran = await world.ssh(["fairlead", "edge", "apply"], JSON.stringify(input));
    assert.equal(ran.exitCode, 1);
    assert.match(ran.stderr, /Nginx refuses the new configuration, the old one stays: [^]*\[emerg\]/);
    assert.equal((await world.ssh(["cat", live])).stdout, before);
  });

  it("a disk that is nearly full is named before anything is written", async () => {
    change("disk");
    await world.ssh(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", "/opt/maicivy/secrets"]);
    try {
      const ran = await world.pulumiUp();
      assert.notEqual(ran.exitCode, 0);
      assert.match(said(ran), /\/opt\/maicivy\/secrets.* MB free/);
    } finally {
      await world.ssh(["umount", "/opt/maicivy/secrets"]);
    }
    assert.equal((await world.pulumiUp()).exitCode, 0);
  });

  it("a taken port is named with what to change", async () => {
    const blocked = await freePort();
    const server = await listen(blocked);
    try {
      await world.project.freePorts("prod");
      world.project.edit("prod", (document) =>
        document.setIn(["config", "fairlead:server", "box", "ports", "http"], blocked),
      );
      const ran = await world.project.run("up", "--stack", "prod");
      assert.notEqual(ran.exitCode, 0);
      assert.match(said(ran), new RegExp(`A port of the box is taken on this machine: ${blocked}\\.`));
      assert.match(said(ran), /choose others under server\.box\.ports/);
    } finally {
      server.close();
    }
  });
});

function listen(port: number): Promise<Server> {
  return new Promise((done, fail) => {
    const server = createServer().once("error", fail);
    server.listen(port, "127.0.0.1", () => done(server));
  });
}
