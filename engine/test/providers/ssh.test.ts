import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect as dialTo, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Ctx, Props } from "../../src/providers/contract.ts";
import { connect, KEEPALIVE } from "../../src/providers/ssh/connect.ts";
import { waitForProgressEnd } from "../../src/providers/docker/images.ts";
import { docker } from "../../src/providers/docker/index.ts";
import { needsDocker, PREFIX, sweep } from "./daemon.ts";
import { checked, context, typeOf } from "./golden.ts";
import { keyPair } from "./keyPair.ts";
import { startSshServer } from "./sshServer.ts";
import type { SshServer } from "./sshServer.ts";

const COMMAND = "command:remote:Command";
const urnOf = (type: string, name: string): string => `urn:pulumi:dev::test::${type}::${name}`;

describe("over SSH", function () {
  this.timeout(300_000);
  let server: SshServer;
  let folder: string;
  let connection: Props;
  const ctx = context();

  before(async function () {
    await needsDocker(this);
    server = await startSshServer();
    folder = mkdtempSync(join(tmpdir(), "providers-"));
    connection = {
      host: "127.0.0.1",
      port: server.port,
      user: "root",
      privateKey: server.privateKey,
      dialErrorLimit: 1,
    };
  });
  after(async () => {
    if (folder) rmSync(folder, { recursive: true });
    if (server) await sweep();
  });

  async function create(type: string, inputs: Props): Promise<{ id: string; outputs: Props; inputs: Props }> {
    const [kind, urn] = [typeOf(type), urnOf(type, "it")];
    const news = await checked(kind, urn, inputs);
    return { ...(await kind.create(ctx, urn, news, false)), inputs: news };
  }

  it("a connection that dies silently is noticed, and everything that waits for it fails", async () => {
    const sockets: Socket[] = [];
    const proxy = createServer((near) => {
      const far = dialTo(server.port, "127.0.0.1");
      sockets.push(near, far);
      near.pipe(far).pipe(near);
      for (const one of [near, far]) one.on("error", () => undefined);
    });
    await new Promise<void>((listening) => proxy.listen(0, "127.0.0.1", listening));
    const { port } = proxy.address() as AddressInfo;
    const config = { host: "127.0.0.1", port, username: "root", privateKey: server.privateKey };
    const quick = { keepaliveInterval: 200, keepaliveCountMax: 2 };
    const client = await connect({ ...config, ...quick }, () => undefined, ctx.signal);
    const started = Date.now();
    await new Promise<void>((ended, failed) =>
      client.exec("sleep 120", (error, channel) => {
        if (error) return failed(error);
        channel.once("close", () => ended()).resume();
        for (const socket of sockets) socket.unpipe().pause();
      }),
    );
    assert.ok(Date.now() - started < 10_000, "it didn't wait for the command");
    for (const socket of sockets) socket.destroy();
    proxy.close();
    assert.ok(KEEPALIVE.keepaliveInterval * KEEPALIVE.keepaliveCountMax <= 60_000, "within a minute");
  });

  it("a pull without progress ends, and one with some goes on", async () => {
    let stopped = false;
    const silent = waitForProgressEnd(
      () => undefined,
      () => (stopped = true),
      50,
    );
    await assert.rejects(silent, /no progress for/);
    assert.ok(stopped);
    const lively = waitForProgressEnd(
      (done, progress) => {
        const timer = setInterval(progress, 20);
        setTimeout(() => (clearInterval(timer), done(null)), 200);
      },
      () => undefined,
      150,
    );
    await lively;
  });

  describe("remote.Command", () => {
    it("records both streams without the last newline, and passes stdin and accepted variables", async () => {
      const script = 'cat; echo; echo "$LC_NAME"; echo oops >&2';
      const made = await create(COMMAND, {
        connection,
        create: script,
        stdin: "in",
        environment: { LC_NAME: "a b" },
      });
      assert.match(made.id, /^it[0-9a-f]{8}$/);
      assert.deepEqual([made.outputs["stdout"], made.outputs["stderr"]], ["in\na b", "oops"]);
      assert.ok(ctx.said.some((s) => s.severity === "status" && s.message === "oops"));
    });

    it("fails like the official provider: status, command, everything written", async () => {
      await assert.rejects(create(COMMAND, { connection, create: "echo out; exit 7" }), (error: Error) => {
        assert.equal(error.message, 'Process exited with status 7: running "echo out; exit 7":\nout\n');
        return true;
      });
    });

    it("refuses a variable that the server doesn't accept", async () => {
      const inputs = { connection, create: "true", environment: { TOKEN: "x" } };
      await assert.rejects(create(COMMAND, inputs), /could not set environment variable "TOKEN".*AcceptEnv/);
    });

    it("runs update in place, warning where it cannot pass the last output on, and delete", async () => {
      const kind = typeOf(COMMAND);
      const made = await create(COMMAND, {
        connection,
        create: "echo one",
        update: "echo two",
        delete: "touch /gone",
      });
      const urn = urnOf(COMMAND, "it");
      const news = { ...made.inputs, stdin: "new" };
      const diff = await kind.diff(ctx, made.id, urn, made.inputs, made.outputs, news);
      assert.deepEqual([diff.diffs, diff.replaces], [["stdin"], []]);
      const updated = await kind.update(ctx, made.id, urn, made.inputs, made.outputs, news, false);
      assert.equal(updated.outputs["stdout"], "two");
      assert.ok(
        ctx.said.some((s) => s.severity === "warning" && s.message.includes("PULUMI_COMMAND_STDOUT")),
      );
      await kind.delete(ctx, made.id, urn, news, updated.outputs);
      assert.equal(await server.run("ls", "/gone"), "/gone");
    });

    it("accepts the pinned host key and refuses another one at once", async () => {
      const good = { ...connection, hostKey: server.hostKey };
      assert.equal((await create(COMMAND, { connection: good, create: "echo in" })).outputs["stdout"], "in");
      const other = keyPair().public;
      const bad = { ...connection, hostKey: other, dialErrorLimit: 10 };
      await assert.rejects(
        create(COMMAND, { connection: bad, create: "touch /never" }),
        /host key mismatch for 127\.0\.0\.1: expected ssh-ed25519 SHA256:\S+ \(connection.hostKey\), got ssh-ed25519 SHA256:/,
      );
      assert.match(await server.run("ls", "/never"), /No such file/);
    });

    it("dials again as often as asked, then gives up", async () => {
      const silent = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
      const dialled = { ...connection, port: (silent.address() as AddressInfo).port, dialErrorLimit: 2 };
      await assert.rejects(
        create(COMMAND, { connection: dialled, create: "true" }),
        /after 2 failed attempts: /,
      );
      assert.deepEqual(
        ctx.said.filter((s) => s.message.startsWith("Dial")).map((s) => s.message),
        ["Dial 1/2 failed: retrying", "Dial 2/2 failed: retrying"],
      );
      silent.close();
    });

    it("runs twenty at once against a server that allows ten handshakes", async () => {
      const all = Array.from({ length: 20 }, (_, i) => create(COMMAND, { connection, create: `echo ${i}` }));
      const outputs = (await Promise.all(all)).map((made) => made.outputs["stdout"]);
      assert.deepEqual(
        outputs,
        Array.from({ length: 20 }, (_, i) => String(i)),
      );
    });
  });

  describe("docker provider", () => {
    let options: string[];
    const configured = (sshOpts: string[], base: Ctx = ctx): Promise<Ctx> =>
      docker.configure(
        { host: `ssh://root@127.0.0.1:${server.port}`, sshOpts: JSON.stringify(sshOpts) },
        base,
      );

    before(() => {
      const [key, known] = [join(folder, "key"), join(folder, "known_hosts")];
      writeFileSync(key, server.privateKey, { mode: 0o600 });
      writeFileSync(known, `[127.0.0.1]:${server.port} ${server.hostKey.split(" ").slice(0, 2).join(" ")}\n`);
      options = [
        "-i",
        key,
        "-o",
        `UserKnownHostsFile=${known}`,
        "-o",
        "StrictHostKeyChecking=yes",
        "-o",
        "ControlMaster=auto",
      ];
    });

    const NETWORK = "docker:index/network:Network";
    const volumeType = "docker:index/volume:Volume";

    it("needs one login for everything, and none for previews", async () => {
      const logins = await server.logins();
      const over = await configured(options);
      const [network, volume] = [typeOf(NETWORK), typeOf(volumeType)];
      const inputs = await checked(network, urnOf(NETWORK, "n"), { name: `${PREFIX}-over` });
      await network.create(over, urnOf(NETWORK, "n"), inputs, true);
      assert.equal(await server.logins(), logins);

      const made = await network.create(over, urnOf(NETWORK, "n"), inputs, false);
      const names = Array.from({ length: 12 }, (_, i) => `${PREFIX}-v${i}`);
      const volumes = await Promise.all(
        names.map((name) => volume.create(over, urnOf(volumeType, name), { name }, false)),
      );
      assert.deepEqual(
        volumes.map((v) => v.id),
        names,
      );
      await Promise.all(
        volumes.map((v) => volume.delete(over, v.id, urnOf(volumeType, v.id), {}, v.outputs)),
      );
      await network.delete(over, made.id, urnOf(NETWORK, "n"), inputs, made.outputs);
      assert.equal(await network.read(over, made.id, urnOf(NETWORK, "n"), inputs, made.outputs), undefined);
      assert.equal(await server.logins(), logins + 1);
      await docker.close(over);
    });

    it("refuses a host key that known_hosts contradicts", async () => {
      const known = join(folder, "wrong");
      const other = keyPair().public;
      writeFileSync(known, `[127.0.0.1]:${server.port} ${other}\n`);
      await rejected(
        [...options, "-o", `UserKnownHostsFile=${known}`],
        /host key mismatch for 127\.0\.0\.1:\d+: expected/,
      );
    });

    it("refuses an unknown host key unless StrictHostKeyChecking accepts it", async () => {
      const none = ["-o", "UserKnownHostsFile=/dev/null"];
      await rejected([...options, ...none], /unknown host key of 127\.0\.0\.1:\d+: ssh-ed25519 SHA256:/);
      const over = await configured([...options, ...none, "-o", "StrictHostKeyChecking=accept-new"]);
      assert.equal(await typeOf(NETWORK).read(over, "nosuch", urnOf(NETWORK, "n"), {}, {}), undefined);
      await docker.close(over);
    });

    it("says which keys the server refused", async () => {
      const key = join(folder, "stranger");
      writeFileSync(key, keyPair().private, { mode: 0o600 });
      await rejected(
        ["-i", key, ...options.slice(2)],
        /accepted none of the keys \(.*stranger.*authorized_keys/,
      );
    });

    it("says what the server said when it has no Docker client", async () => {
      await server.run("mv", "/usr/bin/docker", "/usr/bin/docker.away");
      await rejected(options, /cannot reach the Docker engine at ssh:.*ended with status 127: .*not found/);
      await server.run("mv", "/usr/bin/docker.away", "/usr/bin/docker");
    });

    async function rejected(sshOpts: string[], reason: RegExp): Promise<void> {
      const over = await configured(sshOpts);
      await assert.rejects(typeOf(NETWORK).read(over, "any", urnOf(NETWORK, "n"), {}, {}), reason);
      await docker.close(over);
    }
  });
});
