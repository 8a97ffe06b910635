import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { box, boxName, onConsole, until } from "./support/box.ts";
import { world } from "./support/stack.ts";

const DROP_IN = "/etc/ssh/sshd_config.d/00-fairlead.conf";

describe("the server's own guard", function () {
  this.timeout(300_000);
  before("the stack", () => world.ready());

  it("says what a box can't do, by name", async () => {
    const { stdout } = await world.project.pulumi([
      "stack",
      "output",
      "skipped",
      "--json",
      "--stack",
      "staging",
    ]);
    const skipped = JSON.parse(stdout) as string[];
    for (const what of [/kernel\.kptr_restrict/, /time synchronisation/, /drivers/])
      assert.ok(
        skipped.some((line) => what.test(line)),
        `${what} in ${stdout}`,
      );
    const machine = readFileSync("/proc/sys/kernel/kptr_restrict", "utf8");
    assert.equal((await onConsole(["cat", "/proc/sys/kernel/kptr_restrict"])).stdout, machine.trim());
  });

  it("has an account that deploys: key only, groups docker, sudo for the host tools alone", async () => {
    assert.match((await world.ssh(["id", "deploy"])).stdout, /\(docker\)/);
    assert.match((await world.ssh(["passwd", "--status", "deploy"])).stdout, /^deploy L /);
    assert.match((await world.ssh(["passwd", "--status", "root"])).stdout, /^root (L|NP) /);
    const may = await world.ssh(["sudo", "-l", "-U", "deploy"]);
    const commands = may.stdout.split("\n").filter((line) => line.includes("NOPASSWD"));
    assert.deepEqual(
      commands.map((line) => line.trim()),
      ["(root) NOPASSWD: /usr/local/bin/fairlead, /usr/local/sbin/fairlead-bootstrap"],
    );
    const refused = await world.ssh(["runuser", "-u", "deploy", "--", "sudo", "-n", "cat", "/etc/shadow"]);
    assert.notEqual(refused.exitCode, 0);
  });

  it("takes keys only, with modern algorithms only", async () => {
    const [file, ...args] = world.staging.ssh.split(" ");
    const ask = (...options: string[]) =>
      execa(file!, [...options.flatMap((option) => ["-o", option]), "-o", "BatchMode=yes", ...args, "true"], {
        cwd: world.project.folder,
        reject: false,
      });
    assert.match(
      String((await ask("PubkeyAuthentication=no", "PreferredAuthentications=password")).stderr),
      /Permission denied \(publickey\)/,
    );
    // A MAC counts only beside a cipher that has none of its own.
    const old = [
      ["KexAlgorithms=diffie-hellman-group14-sha256"],
      ["KexAlgorithms=ecdh-sha2-nistp256"],
      ["MACs=hmac-sha1", "Ciphers=aes256-ctr"],
      ["MACs=hmac-sha2-256", "Ciphers=aes256-ctr"],
      ["Ciphers=aes128-cbc"],
    ];
    for (const options of old)
      assert.match(String((await ask(...options)).stderr), /no matching/, options.join(" "));
    assert.equal((await ask("MACs=hmac-sha2-256-etm@openssh.com", "Ciphers=aes256-ctr")).exitCode, 0);
    assert.equal((await ask("KexAlgorithms=curve25519-sha256")).exitCode, 0);
  });

  it("refuses settings that sshd doesn't understand or that another file overrules; the old ones stay", async () => {
    const before = (await world.ssh(["cat", DROP_IN])).stdout;
    const wrong = async (content: string): Promise<string> => {
      const input = JSON.stringify({ file: DROP_IN, content, within: 60 });
      const { exitCode, stderr } = await world.ssh(["fairlead", "sshd", "apply"], input);
      assert.equal(exitCode, 1);
      assert.equal((await world.ssh(["cat", DROP_IN])).stdout, before);
      return stderr;
    };
    assert.match(await wrong("MaxStartups many\n"), /the old ones stay: \S*sshd -t failed[^]*MaxStartups/);
    await world.ssh(["sed", "-i", "1iLogLevel INFO", "/etc/ssh/sshd_config"]);
    assert.match(await wrong("UseDNS no\nLogLevel QUIET\n"), /overrules .* in loglevel/);
    await world.ssh(["sed", "-i", "1d", "/etc/ssh/sshd_config"]);
    const timers = await world.ssh(["systemctl", "list-timers", "--all", "fairlead-rollback-*"]);
    assert.match(timers.stdout, /^0 timers/m, "nothing is armed any more");
  });

  it("takes back settings of sshd that shut everybody out", async () => {
    const before = (await world.ssh(["cat", DROP_IN])).stdout;
    const content = `${before}\nAllowUsers nobody-at-all\n`;
    const input = JSON.stringify({ file: DROP_IN, content, within: 6 });
    assert.equal((await world.ssh(["fairlead", "sshd", "apply"], input)).exitCode, 0);
    assert.notEqual((await world.ssh(["true"])).exitCode, 0, "really shut out");
    await until("the old settings", 20, async () => (await world.ssh(["true"])).exitCode === 0);
    assert.equal((await world.ssh(["cat", DROP_IN])).stdout, before.trimEnd());
    await world.ssh(["rm", "-f", "/var/lib/fairlead/rollback/ssh.undone"]);
  });

  it("bans an address that keeps trying, and never the deployer's", async () => {
    const { Image: image } = await box();
    // A ban in the midst of a login leaves ssh waiting for ever: its own limit is for the connection alone.
    const knock =
      'for i in 1 2 3 4 5 6 7; do timeout 10 ssh -o StrictHostKeyChecking=no -o BatchMode=yes -o ConnectTimeout=2 "nobody$i@$0" true; done 2>&1; ' +
      "sleep 3; exec timeout 20 ssh -o StrictHostKeyChecking=no -o BatchMode=yes -o ConnectTimeout=3 nobody@$0 true 2>&1";
    const name = await boxName();
    const stranger = ["run", "--rm", "--network", "fairlead", "--entrypoint", "sh", image, "-c", knock, name];
    const { stdout, all } = await execa("docker", stranger, { reject: false, all: true });
    assert.match(`${stdout}${all}`.trim().split("\n").at(-1)!, /timed out|refused/, "the stranger is banned");
    assert.match((await world.ssh(["fail2ban-client", "status", "sshd"])).stdout, /Currently banned:\s+1/);
    const [file, ...args] = world.staging.ssh.split(" ");
    for (let index = 0; index < 7; index++) {
      const stranger = [...args.slice(0, -1), `nobody${index}@127.0.0.1`, "true"];
      await execa(file!, ["-o", "BatchMode=yes", ...stranger], { cwd: world.project.folder, reject: false });
    }
    assert.equal((await world.ssh(["true"])).exitCode, 0, "this machine still comes in");
    await world.ssh(["fail2ban-client", "unban", "--all"]);
  });

  it("installs security updates by itself, in its hours", async () => {
    const next = (await world.ssh(["systemctl", "list-timers", "--all", "apt-daily*"])).stdout;
    assert.match(next, /03:30:00 .*apt-daily\.timer/);
    assert.match(next, /03:3\d:\d\d .*apt-daily-upgrade\.timer/);
    const config = (await world.ssh(["apt-config", "dump"])).stdout;
    assert.match(config, /Unattended-Upgrade::Automatic-Reboot-Time "04:30"/);
    assert.match(config, /APT::Periodic::Unattended-Upgrade "1"/);
    const dry = await world.ssh(["unattended-upgrade", "--dry-run", "--debug"]);
    assert.equal(dry.exitCode, 0, dry.stderr);
    assert.match(dry.stdout + dry.stderr, /Allowed origins are:.*bookworm-security/);
  });

  it("waits while another process uses apt, as a fresh server does by itself", async () => {
    const hold = `
import fcntl, sys, time
for path in sys.argv[1:]:
    file = open(path, "w")
    fcntl.lockf(file, fcntl.LOCK_EX)
    print("held", flush=True)
    time.sleep(4)
    file.close()`;
    const locks = ["/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock"];
    const holder = execa("docker", [
      "exec",
      await boxName(),
      "python3",
      "-c",
      hold,
      // The second is taken while the lists are read, and held when packages are fetched.
      ...locks,
    ]);
    await once(holder.stdout, "data");
    const input = JSON.stringify({ name: "patience", packages: ["tree"] });
    const { exitCode, stderr } = await world.ssh(["fairlead", "files", "apply"], input);
    await holder;
    assert.equal(exitCode, 0, stderr);
    for (const lock of locks)
      assert.ok(stderr.includes(`waiting: Could not get lock ${lock}. It is held by process`), stderr);
    assert.equal((await world.ssh(["tree", "--version"])).exitCode, 0);
    await world.ssh(["apt-get", "purge", "-y", "-qq", "tree"]);
    // Only the owner's name takes something away.
    const { id: ownerId } = JSON.parse((await world.ssh(["cat", "/var/lib/fairlead/owner.json"])).stdout) as {
      id: string;
    };
    assert.equal((await world.ssh(["fairlead", "files", "remove"], '{"name":"patience"}')).exitCode, 1);
    const removal = JSON.stringify({ name: "patience", ownerId });
    assert.equal((await world.ssh(["fairlead", "files", "remove"], removal)).exitCode, 0);
  });

  it("reaches a hardening index of 85 in Lynis", async () => {
    await world.ssh(["apt-get", "update", "-qq"]);
    const installed = await world.ssh([
      "apt-get",
      "install",
      "-y",
      "-qq",
      "--no-install-recommends",
      "lynis",
    ]);
    assert.equal(installed.exitCode, 0, installed.stderr);
    const profile = readFileSync(join(__dirname, "support", "lynis.prf"), "utf8");
    await world.ssh(["tee", "/etc/lynis/custom.prf"], profile);
    await onConsole(["lynis", "audit", "system", "--quick", "--quiet", "--no-colors"]);
    const report = (await world.ssh(["cat", "/var/log/lynis-report.dat"])).stdout;
    const index = Number(/^hardening_index=(\d+)$/m.exec(report)?.[1]);
    await world.ssh(["apt-get", "purge", "-y", "-qq", "lynis"]);
    await world.ssh(["rm", "-rf", "/etc/lynis", "/var/log/lynis.log", "/var/log/lynis-report.dat"]);
    console.log(`      Lynis hardening index: ${index}`);
    assert.deepEqual(report.match(/^warning\[\]=.*$/gm) ?? [], []);
    assert.ok(index >= 85, `${index}`);
  });
});

describe("what is left when a stack goes", function () {
  this.timeout(300_000);
  before("the stack", () => world.ready());

  after("everything again", async () => {
    const set = (path: string[], value?: unknown): void =>
      world.project.edit("staging", (document) => {
        const whole = ["config", "fairlead:server", ...path];
        if (value === undefined) document.deleteIn(whole);
        else document.setIn(whole, value);
      });
    set(["hardening"], { banner: "Private system." });
    set(["firewall"], { ssh: { burst: 199 } });
    set(["ssh"], { maxAuthTries: 4 });
    assert.equal((await world.pulumiUp()).exitCode, 0);
    for (const part of ["hardening", "firewall", "ssh"]) set([part]);
    assert.equal((await world.pulumiUp()).exitCode, 0);
    assert.match((await world.ssh(["cat", "/etc/issue"])).stdout, /authorized access only/);
  });

  it("is the distribution's own server, behind a firewall that lets only SSH in", async () => {
    const state = JSON.parse(
      (await world.project.pulumi(["stack", "export", "--stack", "staging", "--show-secrets"])).stdout,
    ) as {
      deployment: { resources: { urn: string; inputs?: { stdin?: string; delete?: string } }[] };
    };
    const text = (value: unknown): string =>
      typeof value === "string" ? value : String(JSON.parse((value as { plaintext: string }).plaintext));
    for (const name of ["hardening", "ssh-daemon", "firewall"]) {
      const one = state.deployment.resources.find(
        ({ urn }) => urn.endsWith(`::${name}`) && urn.includes("Command"),
      )!;
      const ran = await world.ssh(text(one.inputs!.delete).split(" "), text(one.inputs!.stdin));
      assert.equal(ran.exitCode, 0, `${name}: ${ran.stderr}`);
    }
    assert.match((await world.ssh(["cat", "/etc/issue"])).stdout, /^Debian GNU\/Linux/);
    assert.match((await world.ssh(["cat", "/etc/login.defs"])).stdout, /^UMASK\s+022$/m);
    const files = await world.ssh(["find", "/etc", "-regex", ".*/[06]0-?fairlead.*"]);
    assert.equal(files.stdout, "/etc/sudoers.d/60-fairlead", "only the account's right is left");
    assert.equal((await world.ssh(["systemctl", "is-system-running"])).stdout, "running");
    assert.deepEqual(
      (await world.ssh(["ufw", "show", "added"])).stdout
        .split("\n")
        .filter((line) => line.startsWith("ufw ")),
      ["ufw allow 22/tcp"],
    );
  });
});

describe("a stack deployed without root", function () {
  this.timeout(400_000);
  before("the stack", () => world.ready());

  const useUser = (user: string): void =>
    world.project.edit("staging", (document) => document.setIn(["config", "fairlead:server", "user"], user));

  after("root again, for the next files", async () => {
    const input = JSON.stringify({ file: DROP_IN });
    await world.ssh(["sudo", "-n", "/usr/local/bin/fairlead", "unsshd"], input);
    await world.ready();
    assert.equal((await world.ssh(["id", "--user"])).stdout, "0");
  });

  it("goes on as the deploy user, with root shut out", async () => {
    useUser("deploy");
    const result = await world.up();
    assert.ok(result.probes.every(({ ok }) => ok));
    assert.match(world.staging.ssh, / deploy@127\.0\.0\.1$/);
    const asRoot = world.staging.ssh.replace("deploy@", "root@").split(" ");
    const refused = await execa(asRoot[0]!, [...asRoot.slice(1), "true"], {
      cwd: world.project.folder,
      reject: false,
    });
    assert.match(String(refused.stderr), /Permission denied/);
  });

  it("changes nothing the second time", async () => {
    assert.equal((await world.up()).changed, 0);
  });

  it("releases, and changes the firewall, as that user", async () => {
    const before = (await world.client.json<{ release: string }>("/api/release")).release;
    world.project.edit("staging", (document) => {
      document.setIn(["config", "fairlead:apps", "backend", "environment", "WITHOUT_ROOT"], "1");
      document.setIn(["config", "fairlead:server", "firewall", "ssh", "burst"], 150);
    });
    const ran = await world.pulumiUp();
    assert.equal(ran.exitCode, 0, ran.stdout + ran.stderr);
    assert.notEqual((await world.client.json<{ release: string }>("/api/release")).release, before);
    world.project.edit("staging", (document) => {
      document.deleteIn(["config", "fairlead:apps", "backend", "environment", "WITHOUT_ROOT"]);
      document.deleteIn(["config", "fairlead:server", "firewall"]);
    });
    assert.equal((await world.pulumiUp()).exitCode, 0);
  });
});
