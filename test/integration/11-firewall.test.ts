import assert from "node:assert/strict";
import { execa } from "execa";
import { setTimeout as sleep } from "node:timers/promises";
import { addressesOn, box, boxName, onConsole, openPorts, until } from "./support/box.ts";
import { changesIn } from "./support/changes.ts";
import { world } from "./support/stack.ts";
import { everything } from "../support/everything.ts";

const NETWORK = "fairlead-test-ipv6";
const DECLARED = [22, 80, 443];

/** All of this asks from a second host on the box's network; nothing reads rules to find out. */
describe("the firewall, from outside", function () {
  this.timeout(300_000);
  let v4: string;
  let v6: string;
  const mistakes: string[] = [];

  before("a network with IPv6, and two containers that publish ports by mistake", async () => {
    await world.ready();
    // Of a run that was cut off.
    await execa("docker", ["network", "rm", NETWORK], { reject: false });
    await execa("docker", ["network", "create", "--ipv6", "--subnet", "fd5e:11::/64", NETWORK]);
    await execa("docker", ["network", "connect", NETWORK, await boxName()]);
    ({ v4, v6 } = await addressesOn(NETWORK));
    const image = (await world.ssh(["docker", "inspect", "-f", "{{.Image}}", "maicivy_nginx"])).stdout;
    for (const published of ["9999:80", "0.0.0.0:5432:80"]) {
      const run = ["docker", "run", "-d", "--restart", "always", "-p", published, image];
      const { stdout, stderr, exitCode } = await world.ssh(run);
      assert.equal(exitCode, 0, stderr);
      mistakes.push(stdout.trim().split("\n").at(-1)!);
    }
  });

  after(async () => {
    await everything(
      async () => mistakes.length > 0 && (await world.ssh(["docker", "rm", "-f", ...mistakes])),
      async () => execa("docker", ["network", "disconnect", NETWORK, await boxName()], { reject: false }),
      () => execa("docker", ["network", "rm", NETWORK], { reject: false }),
      () => world.ready(),
    );
  });

  it("has exactly 22, 80 and 443 open, whatever containers publish", async () => {
    assert.deepEqual(await openPorts(NETWORK, [v4]), { [v4]: DECLARED });
  });

  it("has the same open over IPv6", async () => {
    assert.deepEqual(await openPorts(NETWORK, [v6]), { [v6]: DECLARED });
  });

  it("lets the edge see who asks, over IPv6 as over IPv4", async () => {
    const { hostname } = new URL(world.staging.url);
    const { Image: image } = await box();
    for (const to of [v4, `[${v6}]`]) {
      const ask = `hostname -I; curl -sk -o /dev/null -w '%{http_code}' --resolve '${hostname}:443:${to}' https://${hostname}/api/release?${NETWORK}`;
      const options = ["run", "--rm", "--network", NETWORK, "--entrypoint", "sh", image, "-c", ask];
      const [own, status] = (await execa("docker", options)).stdout.split("\n");
      assert.equal(status, "200", to);
      await sleep(1500);
      const log = (await world.ssh(["docker", "logs", "--tail", "200", "maicivy_nginx"])).stdout;
      const family = own!
        .trim()
        .split(" ")
        .filter((address) => address.includes(":") === to.includes(":"));
      assert.ok(
        family.some((address) => log.includes(`"ip":"${address}"`)),
        `${to} was asked by ${own}:\n${log.slice(-2000)}`,
      );
    }
  });

  it("is what keeps them closed: without its rules the published ports are open, and ufw brings the rules back", async () => {
    await world.ssh(["iptables", "-I", "DOCKER-USER", "-j", "ACCEPT"]);
    const mistaken = (await openPorts(NETWORK, [v4], [5000, 10_000]))[v4];
    await world.ssh(["ufw", "reload"]);
    assert.deepEqual(mistaken, [5432, 9999], "the scan sees open ports");
    assert.deepEqual(await openPorts(NETWORK, [v4], [5000, 10_000]), { [v4]: [] });
  });

  it("holds after the Docker engine restarts", async () => {
    await world.ssh(["systemctl", "restart", "docker"]);
    await until("the edge", 60, async () => (await world.client.ask("/health")).status === 200);
    assert.deepEqual(await openPorts(NETWORK, [v4], [1, 10_000]), { [v4]: DECLARED });
  });

  it("closes what is not declared when it is applied, and says so", async () => {
    await world.ssh(["ufw", "allow", "8081/tcp"]);
    world.project.edit("staging", (document) =>
      document.setIn(["config", "fairlead:server", "firewall", "ports"], [{ port: 9999 }]),
    );
    const opened = await world.pulumiUp();
    assert.equal(opened.exitCode, 0, opened.stdout + opened.stderr);
    assert.match(opened.stdout + opened.stderr, /closing what is not declared: allow 8081\/tcp/);
    assert.deepEqual((await openPorts(NETWORK, [v4], [8000, 10_000]))[v4], [9999], "declared ports are open");
    world.project.edit("staging", (document) =>
      document.deleteIn(["config", "fairlead:server", "firewall", "ports"]),
    );
    assert.equal((await world.pulumiUp()).exitCode, 0);
    assert.deepEqual((await openPorts(NETWORK, [v4], [8000, 10_000]))[v4], []);
  });

  it("limits new SSH connections of one address, not those of a deploy", async () => {
    const rule = (await onConsole(["iptables-save"])).stdout
      .split("\n")
      .find((line) => line.includes("fairlead-ufw"));
    assert.match(rule!, /--dport 22 .*--hashlimit-above 4\/sec --hashlimit-burst 200 .*-j DROP/);
    const many = `import socket
reached = 0
for _ in range(260):
    try:
        socket.create_connection(("${v4}", 22), 0.3).close()
        reached += 1
    except OSError:
        pass
print(reached)`;
    const { Image: image } = await box();
    const { stdout } = await execa(
      "docker",
      ["run", "--rm", "-i", "--network", NETWORK, "--entrypoint", "python3", image, "-"],
      { input: many },
    );
    const reached = Number(stdout);
    assert.ok(reached >= 150 && reached < 258, `${reached} of 260 connections came through`);
    assert.equal((await world.ssh(["true"])).exitCode, 0, "another address isn't held back");
  });

  it("takes itself back when it shuts the deployer out", async () => {
    const rules = (await onConsole(["ufw", "show", "added"])).stdout;
    world.project.edit("staging", (document) => {
      document.setIn(["config", "fairlead:server", "firewall", "ssh", "sources"], ["192.0.2.0/24"]);
      document.setIn(["config", "fairlead:server", "firewall", "confirmWithin"], "20 s");
    });
    const ran = await world.pulumiUp();
    assert.notEqual(ran.exitCode, 0);
    assert.match(ran.stdout + ran.stderr, /taken back|i\/o timeout|Timed out|timed out/i);
    await until(
      "the old rules",
      40,
      async () => (await onConsole(["ufw", "show", "added"])).stdout === rules,
    );
    assert.equal((await world.ssh(["true"])).exitCode, 0, "SSH works again by itself");
    assert.deepEqual((await openPorts(NETWORK, [v4], [1, 500]))[v4], DECLARED);
    world.project.edit("staging", (document) => document.deleteIn(["config", "fairlead:server", "firewall"]));
    const repaired = await world.pulumiUp();
    assert.equal(repaired.exitCode, 0, repaired.stdout + repaired.stderr);
    const again = await world.pulumiUp();
    assert.deepEqual([again.exitCode, changesIn(again.stdout)], [0, []]);
  });

  it("is there after a reboot, and what was not confirmed before it is taken back", async () => {
    const pending = { name: "firewall", files: {}, undo: [["touch", "/root/undone"]], deadline: 1e12 };
    const place = "/var/lib/fairlead/rollback/firewall.json";
    await world.ssh(["mkdir", "-p", "/var/lib/fairlead/rollback"]);
    await world.ssh(["tee", place], JSON.stringify({ ...pending, boot: "another boot", change: "x" }));
    await execa("docker", ["restart", await boxName()], { timeout: 60_000 });
    await until("the edge after the reboot", 120, async () => {
      const answer = await world.client.ask("/health").catch(() => undefined);
      return answer?.status === 200;
    });
    ({ v4, v6 } = await addressesOn(NETWORK));
    assert.deepEqual(await openPorts(NETWORK, [v4], [1, 10_000]), { [v4]: DECLARED });
    assert.equal((await world.ssh(["test", "-e", "/root/undone"])).exitCode, 0, "taken back at boot");
    assert.notEqual((await world.ssh(["test", "-e", place])).exitCode, 0);
    await world.ssh(["rm", "-f", "/root/undone", "/var/lib/fairlead/rollback/firewall.undone"]);
    const redirects = (await world.ssh(["sysctl", "-n", "net.ipv4.conf.all.send_redirects"])).stdout;
    assert.equal(redirects, "0", "kernel settings of the network are there again");
  });
});
