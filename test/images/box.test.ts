import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import { Client } from "ssh2";
import { pack } from "tar-stream";
import { PLACE } from "../../automation/images/registry.ts";
import { LOCAL_REGISTRY } from "../../config/images.ts";
import { keyPair } from "./key-pair.ts";
import { cleanUp, docker, log, onEngine, PREFIX, published, run } from "./support.ts";

/** More than a box should get: the image itself must refuse the clock. */
const CAPABILITIES = [
  "SYS_ADMIN",
  "NET_ADMIN",
  "NET_RAW",
  "SYS_PTRACE",
  "SYS_MODULE",
  "MKNOD",
  "SYS_CHROOT",
  "AUDIT_WRITE",
  "DAC_READ_SEARCH",
  "SYS_NICE",
  "IPC_LOCK",
  "SYSLOG",
  "SYS_TIME",
  "LEASE",
  "SETPCAP",
  "LINUX_IMMUTABLE",
  "SYS_BOOT",
];

/** Number of the capability in linux/capability.h. */
const SYS_TIME = 25n;

const READY = "systemctl is-system-running --quiet && docker info >/dev/null 2>&1";

onEngine("image of the box", function () {
  this.timeout(90_000);
  const [hostKey, login, stranger] = [0, 1, 2].map(() => keyPair());
  let images: Record<string, string>;
  let box: Docker.Container;

  before(async function () {
    this.timeout(360_000);
    images = await published(["box", "redis"]);
    const options: Docker.ContainerCreateOptions & { HostConfig: { CgroupnsMode: string } } = {
      name: PREFIX,
      Hostname: "box",
      Image: images.box,
      Healthcheck: { Test: ["CMD-SHELL", READY], Interval: 1e9, Timeout: 10e9, Retries: 60, StartPeriod: 0 },
      ExposedPorts: { "22/tcp": {} },
      HostConfig: {
        CapAdd: CAPABILITIES,
        SecurityOpt: ["seccomp=unconfined", "apparmor=unconfined"],
        // What the command line calls systempaths=unconfined.
        MaskedPaths: [],
        ReadonlyPaths: [],
        CgroupnsMode: "private",
        Memory: 2 * 1024 ** 3,
        MemorySwap: 2 * 1024 ** 3,
        Tmpfs: { "/run": "rw,mode=755", "/run/lock": "rw", "/tmp": "rw,mode=1777" },
        Binds: [`${PREFIX}:/var/lib/docker`],
        NetworkMode: PLACE.network,
        PortBindings: { "22/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] },
      },
    };
    box = await docker.createContainer(options);
    const files = pack();
    files.entry({ name: "etc/ssh/fairlead_host_ed25519_key", mode: 0o600 }, hostKey!.private);
    files.entry({ name: "root/.ssh/authorized_keys", mode: 0o600 }, `${login!.public}\n`);
    files.finalize();
    const chunks: Buffer[] = [];
    for await (const chunk of files) chunks.push(chunk as Buffer);
    await box.putArchive(Buffer.concat(chunks), { path: "/" });
    await box.start();
    await healthy();
  });
  after(cleanUp);

  async function healthy(): Promise<void> {
    for (let tries = 0; tries < 240; tries++) {
      const { State } = await box.inspect();
      if (State.Health?.Status === "healthy") return;
      if (!State.Running) break;
      await sleep(250);
    }
    const failed = await run(box, "systemctl", "--failed", "--no-legend").catch(String);
    assert.fail(`not healthy: ${JSON.stringify(failed)} ${await log(box)}`);
  }

  async function ssh(
    privateKey: string,
    command: string,
  ): Promise<{ code: number; out: string; key: string }> {
    const port = Number((await box.inspect()).NetworkSettings.Ports["22/tcp"]![0]!.HostPort);
    const client = new Client();
    let key = "";
    try {
      await new Promise<void>((resolve, reject) => {
        client.on("ready", resolve).on("error", reject);
        const hostVerifier = (found: Buffer): boolean => ((key = found.toString("base64")), true);
        client.connect({ host: "127.0.0.1", port, username: "root", privateKey, hostVerifier });
      });
      return await new Promise((resolve, reject) => {
        client.exec(command, (error, stream) => {
          if (error) return reject(error);
          let out = "";
          stream.on("data", (chunk: Buffer) => (out += chunk));
          stream.stderr.on("data", (chunk: Buffer) => (out += chunk));
          stream.on("close", (code: number) => resolve({ code, out: out.trim(), key }));
        });
      });
    } finally {
      client.end();
    }
  }

  const root = async (command: string): Promise<string> => {
    const { code, out } = await ssh(login!.private, command);
    assert.equal(code, 0, `${command}: ${out}`);
    return out;
  };

  it("lets the key in that was put there, shows the host key that was put there, and no other", async () => {
    const { out, key } = await ssh(
      login!.private,
      "id -un; sshd -T | grep -E '^(passwordauth|kbdinter|maxstart|hostkey )'",
    );
    assert.equal(hostKey!.public.split(" ")[1], key);
    assert.deepEqual(out.split("\n").sort(), [
      "hostkey /etc/ssh/fairlead_host_ed25519_key",
      "kbdinteractiveauthentication no",
      "maxstartups 100:30:200",
      "passwordauthentication no",
      "root",
    ]);
    await assert.rejects(ssh(stranger!.private, "true"), /authentication/i);
  });

  it("pulls from the registry, and limits the memory of what it runs", async () => {
    const image = images.redis!.replace(/^[^/]+/, LOCAL_REGISTRY);
    const limit =
      "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes";
    const out = await root(
      `docker run --rm --memory 64m --pids-limit 40 --cpus 0.5 ${image} sh -c '${limit}'`,
    );
    assert.equal(out.split("\n").at(-1), String(64 * 1024 ** 2));
    const eaten = await ssh(
      login!.private,
      `docker run --rm --memory 32m --memory-swap 32m ${image} tail /dev/zero`,
    );
    assert.equal(eaten.code, 137, eaten.out);
  });

  it("has a firewall that can be switched on, with Docker's own rules beside it", async () => {
    await root("ufw allow 22/tcp && ufw --force enable");
    assert.match(
      await root("ufw status && iptables -S DOCKER-USER"),
      /Status: active[^]*22\/tcp[^]*-N DOCKER-USER/,
    );
  });

  it("can't set the clock of the machine outside", async () => {
    // First, so that a failing test doesn't set it.
    const bounding = BigInt(`0x${await root("sed -n 's/^CapBnd:[[:space:]]*//p' /proc/self/status")}`);
    assert.equal((bounding >> SYS_TIME) & 1n, 0n);
    assert.match((await ssh(login!.private, 'date -s "$(date)"')).out, /not permitted/);
    assert.match(await root("timedatectl set-timezone Asia/Tokyo && date +%Z"), /JST/);
  });

  it("comes up again after a restart and after a kill, with its containers and its firewall", async () => {
    const image = images.redis!.replace(/^[^/]+/, LOCAL_REGISTRY);
    await root(`docker run -d --name kept --restart unless-stopped ${image}`);
    for (const stop of [() => box.restart(), () => box.kill().then(() => box.start())]) {
      await stop();
      await healthy();
      assert.equal(
        await root("docker inspect -f '{{.State.Status}}' kept; ufw status | head -1"),
        "running\nStatus: active",
      );
    }
    const started = Date.now();
    await box.stop({ t: 30 });
    assert.ok(Date.now() - started < 15_000, "shuts down in time");
  });
});

onEngine("start of a box", function () {
  this.timeout(30_000);
  after(cleanUp);

  it("says what it lacks when the control groups stay read-only", async () => {
    const { box } = await published(["box"]);
    const container = await docker.createContainer({ name: `${PREFIX}-bare`, Image: box });
    await container.start();
    assert.equal((await container.wait()).StatusCode, 1);
    assert.match(
      await log(container),
      /cannot make \/sys\/fs\/cgroup\S* writable; the box needs CAP_SYS_ADMIN/,
    );
  });
});
