import assert from "node:assert/strict";
import { connect } from "node:net";
import { join } from "node:path";
import type { ContainerInspectInfo } from "dockerode";
import { execa } from "execa";
import type { ReleaseFigures } from "../../automation/lib/figures.ts";
import { Server } from "../../automation/lib/server.ts";
import { addressesOn, boxName } from "./support/box.ts";
import { world } from "./support/stack.ts";

describe("a fresh stack", () => {
  before("npm run up", async function () {
    this.timeout(900_000);
    // Fresh also where another file has brought it up.
    await world.close();
    await world.project.freePorts("staging");
    const result = await world.up();
    assert.ok(result.changed > 40, `${result.changed} resources`);
    assert.ok(result.probes.length === 2 && result.probes.every(({ ok }) => ok));
    world.keep();
  });

  it("answers over TLS: page, API, health", async () => {
    const { client } = world;
    const page = await client.ask("/");
    assert.equal(page.status, 200);
    assert.match(page.body, /<html/);
    assert.equal((await client.ask("/api/release")).status, 200);
    assert.equal((await client.ask("/health")).status, 200);
  });

  it("reaches the real Postgres and Redis", async () => {
    const { client } = world;
    const deep = await client.json<{ status: string; checks: object }>("/health/deep");
    assert.deepEqual([deep.status, deep.checks], ["ok", { database: true, redis: true }]);
    const created = await client.ask("/api/items", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"name":"anchor"}',
    });
    assert.ok(created.status < 300, created.body);
    assert.match((await client.ask("/api/items")).body, /anchor/);
    const before = await client.json<{ value: number }>("/api/counter");
    await client.ask("/api/counter", { method: "POST" });
    assert.equal((await client.json<{ value: number }>("/api/counter")).value, before.value + 1);
  });

  it("shows what the switch knows of each release", async () => {
    for (let times = 0; times < 5; times++) await world.client.ask("/api/release");
    const { exitCode, stdout, stderr } = await world.project.run("traffic", "--json");
    assert.equal(exitCode, 0, stdout + stderr);
    const { releases } = JSON.parse(stdout) as { releases: ReleaseFigures[] };
    assert.deepEqual(releases.map(({ app, weight, state }) => [app, weight, state]).sort(), [
      ["backend", 100, "up"],
      ["frontend", 100, "up"],
    ]);
    const backend = releases.find(({ app }) => app === "backend")!;
    assert.equal(backend.release, world.staging.releases["backend"]![0]!.release);
    assert.ok(backend.requests >= 5 && backend.status["2xx"] >= 5 && backend.status["5xx"] === 0, stdout);
    assert.ok(backend.responseMs !== null && backend.responseMs < 1000, stdout);
    assert.match(
      (await world.project.run("traffic")).stdout,
      /^release +weight[^]*\nbackend-\w+ +100 +up +\d+/m,
    );
  });

  it("can be asked through a tunnel for what only the server reaches", async () => {
    const { folder } = world.project;
    const { connection } = world.staging;
    const [identity, knownHosts] = [connection.identity!, connection.knownHosts].map((file) =>
      join(folder, file),
    );
    const server = Server.of({ connection: { ...connection, identity, knownHosts: knownHosts! } });
    const words: string[] = [];
    const tunnel = await server.tunnel({ host: "maicivy_switch", port: 8404 }, (why) => words.push(why));
    assert.equal(await (await fetch(`http://127.0.0.1:${tunnel.port}/health`)).text(), "ok", words.join());
    tunnel.close();
  });

  it("sends HTTP to HTTPS on the canonical name", async () => {
    const ports = world.project.ports("staging");
    const answer = await fetch(`http://127.0.0.1:${ports.http}/some/path?x=1`, { redirect: "manual" });
    assert.equal(answer.status, 301);
    assert.equal(answer.headers.get("location"), new URL("/some/path?x=1", world.staging.url).href);
  });

  it("carries WebSockets and server-sent events", async () => {
    const socket = world.client.socket("/ws");
    const hello = await new Promise<string>((done, fail) => {
      socket.once("message", (data) => done(String(data)));
      socket.once("error", fail);
    });
    socket.close();
    assert.match(hello, /release/);
    assert.match(await world.client.stream("/api/events", /data:.*\n\n[^]*data:/), /data:/);
  });

  it("says to applications who the visitor is", async () => {
    const who = await world.client.json<{ headers: Record<string, string> }>("/api/whoami", {
      headers: { "x-forwarded-for": "192.0.2.1" },
    });
    assert.equal(who.headers["x-forwarded-proto"], "https");
    assert.ok(!who.headers["x-forwarded-for"]!.includes("192.0.2.1"), "a visitor can't choose an address");
  });

  it("sends the security headers, on the API too", async () => {
    for (const path of ["/", "/api/release"]) {
      const { headers } = await world.client.ask(path);
      assert.match(String(headers["strict-transport-security"]), /max-age=31536000; includeSubDomains/, path);
      assert.equal(headers["x-frame-options"], "DENY", path);
      assert.equal(headers["x-content-type-options"], "nosniff", path);
    }
    assert.match(String((await world.client.ask("/api/release")).headers["cache-control"]), /no-store/);
  });

  it("opens 22, 80 and 443 to the outside, and nothing else", async function () {
    this.timeout(60_000);
    const { v4: address } = await addressesOn("fairlead");
    const open: number[] = [];
    const ports = [...Array.from({ length: 10_000 }, (_, index) => index + 1), 15432, 16379, 27017];
    // The firewall answers nothing at all: each closed port takes the whole wait.
    for (let index = 0; index < ports.length; index += 1000) {
      const found = await Promise.all(ports.slice(index, index + 1000).map((port) => isOpen(address, port)));
      open.push(...ports.slice(index, index + 1000).filter((_, at) => found[at]));
    }
    assert.deepEqual(open, [22, 80, 443]);
  });

  it("hardens and limits every container", async () => {
    const { stdout } = await world.ssh(["sh", "-c", "docker inspect $(docker ps -q)"]);
    const containers = JSON.parse(stdout) as ContainerInspectInfo[];
    // Four services, two applications, and the gateway to the one that the other needs.
    assert.equal(containers.length, 7);
    for (const { Name, HostConfig, Config } of containers) {
      assert.ok(
        HostConfig.Memory! > 0 && HostConfig.NanoCpus! > 0 && HostConfig.PidsLimit! > 0,
        `${Name}: limits`,
      );
      assert.equal(HostConfig.ReadonlyRootfs, true, `${Name}: read-only`);
      assert.deepEqual(HostConfig.CapDrop, ["ALL"], `${Name}: capabilities`);
      assert.deepEqual(HostConfig.SecurityOpt, ["no-new-privileges"], `${Name}: privileges`);
      assert.equal(HostConfig.RestartPolicy?.Name, "unless-stopped", `${Name}: restart`);
      assert.ok(Config.Healthcheck!.Test!.length > 0, `${Name}: health check`);
      assert.equal(HostConfig.LogConfig?.Config["max-size"], "10m", `${Name}: logs`);
    }
  });

  it("keeps secrets out of environments, arguments and labels", async () => {
    const { secrets } = await storedSecrets();
    assert.equal(secrets.length, 2);
    const { stdout } = await world.ssh([
      "sh",
      "-c",
      "docker inspect $(docker ps -q); ps -ef; cat /proc/*/environ 2>/dev/null | tr '\\0' '\\n'",
    ]);
    for (const secret of secrets) assert.ok(!stdout.includes(secret));
    const log = await world.ssh([
      "sh",
      "-c",
      "for c in $(docker ps -q); do docker logs $c 2>&1; done; journalctl --no-pager 2>/dev/null",
    ]);
    for (const secret of secrets) assert.ok(!log.stdout.includes(secret));
  });

  it("makes swap of a declared size, and takes it away again", async () => {
    // A box's root can't hold a swap file, the volume of its engine can; the tool is the one that a server gets.
    const input = JSON.stringify({ bytes: 16 * 1024 ** 2, file: "/var/lib/docker/swapfile" });
    const swaps = async (): Promise<string> => (await world.ssh(["cat", "/proc/swaps", "/etc/fstab"])).stdout;
    for (let times = 0; times < 2; times++)
      assert.equal((await world.ssh(["fairlead", "swap", "apply"], input)).exitCode, 0);
    assert.equal((await swaps()).split("/var/lib/docker/swapfile").length, 3, "once in use, once in fstab");
    assert.equal((await world.ssh(["fairlead", "swap", "remove"], input)).exitCode, 0);
    assert.doesNotMatch(await swaps(), /swapfile/);
  });

  it("says that nothing changed when asked again", async () => {
    const again = await world.up();
    assert.equal(again.changed, 0);
    assert.deepEqual(again.done, []);
  });

  it("comes back by itself after a restart of the box", async function () {
    this.timeout(180_000);
    const container = await boxName();
    await execa("docker", ["restart", container]);
    const end = Date.now() + 90_000;
    let status = 0;
    while (status !== 200 && Date.now() < end) {
      status = await world.client.ask("/health/deep").then(
        ({ status: code }) => code,
        () => 0,
      );
      if (status !== 200) await new Promise((resolve) => setTimeout(resolve, 500));
    }
    assert.equal(status, 200);
  });
});

function isOpen(host: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect({ host, port, timeout: 1000 });
    const end = (open: boolean): void => {
      socket.destroy();
      done(open);
    };
    socket.once("connect", () => end(true));
    socket.once("error", () => end(false));
    socket.once("timeout", () => end(false));
  });
}

async function storedSecrets(): Promise<{ secrets: string[] }> {
  const { stdout } = await world.project.pulumi([
    "config",
    "--show-secrets",
    "--json",
    "--stack",
    "staging",
    "--non-interactive",
  ]);
  const all = JSON.parse(stdout) as Record<string, { value: string; secret: boolean }>;
  return { secrets: Object.values(all).flatMap(({ value, secret }) => (secret ? [value] : [])) };
}
