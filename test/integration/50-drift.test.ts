import assert from "node:assert/strict";
import { stripVTControlCharacters } from "node:util";
import { execa } from "execa";
import { Load } from "./support/client.ts";
import type { Ran } from "./support/project.ts";
import { world } from "./support/stack.ts";

interface Found {
  drifted: boolean;
  resources: { name: string; differences: { thing: string; aspect: string; diff?: string[] }[] }[];
  extras: { name: string; kind: string }[];
  unseen: { name: string }[];
}

const root = "/opt/maicivy";

/** A change by hand, as a script for the box's shell, and how drift must name it. */
const CHANGES: [what: string, script: string, told: RegExp][] = [
  [
    "a file's content",
    "echo Europe/Paris > /etc/timezone",
    /\/etc\/timezone content: differs\n +@@ line 1\n +-Etc\/UTC\n +\+Europe\/Paris/,
  ],
  [
    "the time zone",
    "ln -sfn /usr/share/zoneinfo/Europe/Paris /etc/localtime",
    /\/etc\/localtime target: \S+Etc\/UTC → \S+Europe\/Paris/,
  ],
  ["a file's mode", `chmod 0777 ${root}/database/pg_hba.conf`, /pg_hba\.conf mode: 0644 → 0777/],
  ["a folder's owner", `chown 4242 ${root}/switch/conf`, /switch\/conf owner: root:root → 4242:root/],
  ["a missing folder", `rmdir ${root}/backups`, /backups: missing/],
  ["a missing file", `rm ${root}/switch/conf/haproxy.cfg`, /haproxy\.cfg: missing/],
  [
    "a database's settings",
    `sed -i 's/^max_connections.*/max_connections = 7/' ${root}/database/postgresql.conf`,
    /-max_connections = 100\n +\+max_connections = 7/,
  ],
  ["a unit", "systemctl disable docker", /unit docker\.service enabled: enabled → disabled/],
  ["a package", "dpkg --remove --force-depends tzdata", /package tzdata: missing/],
  [
    "a secret",
    `for file in ${root}/secrets/backend-*/DATABASE_URL; do echo x >> $file; done`,
    /DATABASE_URL content: differs\n(?! +@@)/,
  ],
  ["a certificate's key", `rm ${root}/tls/edge/privkey.pem`, /privkey\.pem: missing/],
  [
    "a timer",
    "systemctl disable --now fairlead-renew.timer",
    /unit fairlead-renew\.timer enabled: enabled → disabled/,
  ],
  [
    "Nginx's configuration",
    `echo '# by hand' >> ${root}/edge/live/headers.conf`,
    /headers\.conf content: differs\n[^]*?\+# by hand/,
  ],
  ["a closed folder", `chmod 0700 ${root}/edge/live/errors`, /live\/errors mode: 0755 → 0700/],
  ["a file beside it", `echo > ${root}/edge/live/more.conf`, /more\.conf: not declared/],
  [
    "limits of a container",
    "docker update --memory 300m --memory-swap 300m maicivy_nginx",
    /memory: 128 MB → 300 MB/,
  ],
  ["a limit of processes", "docker update --pids-limit 99 maicivy_redis", /processes: 128 → 99/],
  ["a restart policy", "docker update --restart no maicivy_redis", /restart: unless-stopped → no/],
  ["a paused container", "docker pause maicivy_switch", /state: running → paused/],
  [
    "a role of the database",
    "docker exec -u postgres maicivy_postgres psql -qd postgres -c \"DO \\$\\$ DECLARE r text; BEGIN SELECT rolname INTO r FROM pg_roles WHERE rolname LIKE 'maicivy_%' LIMIT 1; EXECUTE format('ALTER ROLE %I PASSWORD %L', r, 'another'); END \\$\\$\"",
    /role maicivy_\w+ password: differs/,
  ],
  [
    "a missing release",
    "docker rm -f $(docker ps -q --filter label=service=frontend)",
    /frontend-\w+-1 \[Container\]\n +missing/,
  ],
  [
    "a container that joined the private network",
    "docker run -d --name guest --network maicivy_network $(docker inspect -f '{{.Image}}' maicivy_redis) sleep 9999",
    /container guest: has joined maicivy_network/,
  ],
  ["a closed port", "ufw delete allow 443/tcp", /ufw rule allow 443\/tcp: missing/],
  ["an open port", "ufw allow 9999/tcp", /ufw rule allow 9999\/tcp: not declared/],
  [
    "a rule past ufw",
    "iptables -I INPUT -p tcp --dport 5432 -j ACCEPT",
    /iptables INPUT -p tcp .*--dport 5432 -j ACCEPT: not declared/,
  ],
  [
    "published ports let in",
    "iptables -I DOCKER-USER -j ACCEPT",
    /iptables DOCKER-USER rules: RETURN .* → ACCEPT RETURN/,
  ],
  [
    "sshd's settings",
    "echo 'PermitRootLogin yes' >> /etc/ssh/sshd_config.d/00-fairlead.conf",
    /00-fairlead\.conf content: differs\n[^]*?\+PermitRootLogin yes/,
  ],
  [
    "settings of sshd that another file overrules",
    "echo 'AllowTcpForwarding yes' > /etc/ssh/sshd_config.d/00-aaa.conf",
    /sshd allowtcpforwarding: no → yes/,
  ],
  ["root's password", 'usermod --password "$(openssl passwd -6 x)" root', /user root password: locked → set/],
  [
    "the deploy user's password",
    'usermod --password "$(openssl passwd -6 x)" deploy',
    /user deploy password: none → set/,
  ],
  ["the deploy user's group", "gpasswd --delete deploy docker", /user deploy group: docker → missing/],
  [
    "the deploy user's rights",
    "echo 'deploy ALL=(ALL) NOPASSWD: ALL' >> /etc/sudoers.d/60-fairlead",
    /60-fairlead content: differs\n[^]*?\+deploy ALL=\(ALL\)/,
  ],
  [
    "the deploy user's keys",
    "chmod 0644 /home/deploy/.ssh/authorized_keys",
    /authorized_keys mode: 0600 → 0644/,
  ],
  [
    "a kernel setting",
    "sysctl -qw net.ipv4.conf.all.accept_redirects=1",
    /kernel setting net\.ipv4\.conf\.all\.accept_redirects value: 0 → 1/,
  ],
  ["login rules", "sed -i 's/^UMASK.*/UMASK 000/' /etc/login.defs", /login\.defs UMASK: 027 → 000/],
  [
    "a service",
    "systemctl disable --quiet --now fail2ban",
    /unit fail2ban\.service enabled: enabled → disabled\n +unit fail2ban\.service active: active → inactive/,
  ],
  [
    "a container of ours that nobody declared",
    "docker run -d --name stray --label managed-by=fairlead --label app=maicivy $(docker inspect -f '{{.Image}}' maicivy_redis) sleep 9999",
    /container stray: left over/,
  ],
];

describe("npm run drift", () => {
  const said = ({ stdout, stderr }: Ran): string => stripVTControlCharacters(`${stdout}\n${stderr}`);
  const drift = (...args: string[]): Promise<Ran> =>
    world.project.run("drift", "--stack", "staging", ...args);
  const onBox = async (script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await world.ssh(["sh", "-ec", script]);
    assert.equal(exitCode, 0, stdout + stderr);
    return stdout;
  };
  const none = async (): Promise<void> => {
    const ran = await drift();
    assert.equal(ran.exitCode, 0, said(ran));
    assert.match(said(ran), /staging is as it was declared/);
  };
  const repair = async (): Promise<string[]> => (await world.up()).repaired;

  before("the stack, without drift", async () => {
    await world.ready();
    await world.up();
  });

  it("finds none on a server that nobody has touched", none);

  describe("of a server that somebody changed by hand, in every way at once", function () {
    let [first, json, second]: Ran[] = [];
    let repaired: string[];

    before("changed, looked at, and repaired by npm run up", async function () {
      this.timeout(900_000);
      for (const [, script] of CHANGES) await onBox(script);
      [first, json] = [await drift(), await drift("--json")];
      // Here and not in a test: whatever isn't named, the next test finds the stack in order.
      repaired = await repair();
      second = await drift();
    });

    it("ends with the exit code 1", () => assert.equal(first!.exitCode, 1, said(first!)));

    for (const [what, , told] of CHANGES)
      // A paused switch can't be asked, and a missing release has no traffic: that is told too.
      it(`names ${what}`, () => assert.match(said(first!), told));

    it("tells no secret", () => {
      for (const ran of [first!, json!]) assert.doesNotMatch(said(ran), /postgres:\/\/|PRIVATE KEY/);
    });

    it("says as JSON what doesn't belong there", () => {
      const { drifted, extras } = JSON.parse(json!.stdout) as Found;
      const found = extras.map(({ name, kind }) => `${name} ${kind}`).sort();
      assert.deepEqual([drifted, found], [true, ["guest guest", "stray ours"]]);
    });

    it("is told by npm run up, which repairs it", () =>
      assert.ok(repaired.length >= CHANGES.length, repaired.join("\n")));

    it("has none then, serves, and leaves nothing more to do", async () => {
      assert.equal(second!.exitCode, 0, said(second!));
      assert.match(said(second!), /staging is as it was declared/);
      assert.equal((await world.client.ask("/health/deep")).status, 200);
      const again = await world.up();
      assert.deepEqual([again.changed, again.repaired], [0, []]);
    });

    it("keeps somebody else's container, off the private network, and none of its own left over", async () => {
      const names = await onBox(
        "docker ps --all --format '{{.Names}}'; docker network inspect maicivy_network",
      );
      assert.doesNotMatch(names, /stray/);
      assert.match(names, /^guest$/m);
      assert.doesNotMatch(names, /"Name": "guest"/);
    });

    it("has the database's settings again", async () => {
      const shown = await onBox("docker exec -u postgres maicivy_postgres psql -tAc 'SHOW max_connections'");
      assert.match(shown, /^100$/m);
    });

    after("without the guest", () => world.ssh(["docker", "rm", "-f", "guest"]));
  });

  it("replaces a container that can't be started, after what it needs is back", async function () {
    this.timeout(300_000);
    const folder = `${root}/edge`;
    await onBox(`docker stop maicivy_nginx && mv ${folder} ${folder}.away`);
    assert.equal((await world.ssh(["docker", "start", "maicivy_nginx"])).exitCode, 1, "really can't start");
    const repaired = await repair();
    assert.ok(
      repaired.some((one) => /nginx|edge/.test(one) && /running → exited/.test(one)),
      repaired.join("\n"),
    );
    // Never silently: what the engine says tells whoever looks what was wrong.
    assert.ok(
      repaired.some((one) => /can't be started, and is made anew: Error response from daemon/.test(one)),
      repaired.join("\n"),
    );
    await onBox(`rm -r ${folder}.away`);
    await none();
    assert.equal((await world.client.ask("/health/deep")).status, 200);
  });

  it("names live weights and states of the traffic, and puts them back", async () => {
    const tell = (command: string): string =>
      `python3 -c 'import socket,sys; s=socket.socket(socket.AF_UNIX); s.connect("${root}/switch/run/_admin.sock"); s.sendall(b"${command}\\n"); print(s.recv(9999).decode())'`;
    const slot = /\d+ backend \d+ (s\d+) \S+ 2 /.exec(await onBox(tell("show servers state backend")))![1]!;
    await onBox(
      `${tell(`set server backend/${slot} weight 7`)}; ${tell(`set server backend/${slot} state drain`)}`,
    );
    const text = said(await drift());
    assert.match(text, /traffic of backend to \S+ weight: 100 → 7/);
    assert.match(text, /traffic of backend to \S+ state: ready → draining/);
    await repair();
    await none();
  });

  it("replaces a drifted release without losing a request", async function () {
    this.timeout(180_000);
    const ids = "docker ps --quiet --filter label=service=backend";
    const before = await onBox(ids);
    await onBox(`docker update --cpus 0.9 ${before.trim()}`);
    assert.match(said(await drift()), /CPUs: 1 → 0\.9/);
    const workers = (): Promise<string> => onBox("docker top maicivy_nginx -eo pid,lstart,args");
    const edge = await workers();
    const load = new Load(world.client, "/api/release");
    await repair();
    await load.stop();
    assert.deepEqual(load.failures, [], `The edge before and after:\n${edge}\n${await workers()}`);
    assert.ok(load.count > 20, `${load.count} requests`);
    assert.notEqual(await onBox(ids), before);
    await none();
  });

  it("knows a container that somebody made again by hand, by what it is made of", async function () {
    this.timeout(180_000);
    await onBox(
      "image=$(docker inspect -f '{{.Image}}' maicivy_redis); docker rm -f maicivy_redis; " +
        `docker run -d --name maicivy_redis --network maicivy_network -e MODE=debug -p 6379:6379 -v redis_data:/data -v ${root}/cache/conf:/usr/local/etc/redis:ro $image`,
    );
    const text = said(await drift());
    for (const told of [
      /identity: \w{12} → \w{12}/,
      /environment MODE: debug, not declared/,
      /label managed-by: fairlead → missing/,
      /memory: \d+ MB → 0 MB/,
      /capabilities: -ALL → /,
      /read-only: yes → no/,
      /published ports: .* → 0\.0\.0\.0:6379->6379\/tcp/,
      /network alias maicivy_network|maicivy_network network alias: redis → missing/,
    ])
      assert.match(text, told);
    await repair();
    await none();
    assert.equal((await world.client.ask("/health/deep")).status, 200);
  });

  it("repairs settings that sshd doesn't understand, though they hide the rest of it", async function () {
    this.timeout(180_000);
    await onBox("echo 'Foo bar' >> /etc/ssh/sshd_config.d/00-fairlead.conf");
    const text = said(await drift());
    assert.match(text, /00-fairlead\.conf content: differs\n[^]*\+Foo bar/);
    assert.match(text, /could not be looked at\n.*Bad configuration option: Foo/);
    await repair();
    await none();
  });

  it("finds changed and missing host tools, and brings them back", async () => {
    await onBox("echo '# by hand' >> /usr/local/lib/fairlead/fairlead/swap.py");
    assert.match(said(await drift()), /fairlead\/swap\.py content: differs\n[^]*\+# by hand/);
    await repair();
    await onBox("rm -r /usr/local/lib/fairlead; chmod 0777 /opt/maicivy/database/pg_hba.conf");
    const ran = await drift();
    assert.equal(ran.exitCode, 1, said(ran));
    assert.match(said(ran), /host tools answer: inspect → /);
    const repaired = await repair();
    assert.ok(
      repaired.some((line) => line.includes("pg_hba.conf mode")),
      repaired.join("\n"),
    );
    await none();
  });

  it("finds a box that doesn't run, and starts it", async function () {
    this.timeout(240_000);
    const box = await ownBox();
    await execa("docker", ["stop", "--time", "20", box]);
    const ran = await drift();
    assert.equal(ran.exitCode, 1, said(ran));
    assert.match(said(ran), /box-staging \[Container\]\n +state: running → exited/);
    await repair();
    await none();
  });

  it("says with the exit code 2 when it can't look", async () => {
    const box = await ownBox();
    const ssh = ["-o", "ControlPath=/tmp/fairlead-%C", ...world.staging.ssh.split(" ").slice(1)];
    await execa("docker", ["exec", box, "systemctl", "stop", "ssh.service", "ssh.socket"], { reject: false });
    await execa("ssh", ["-O", "exit", ...ssh], { cwd: world.project.folder, reject: false });
    try {
      const ran = await drift();
      assert.equal(ran.exitCode, 2, said(ran));
      assert.match(said(ran), /server can't be reached/);
    } finally {
      await execa("docker", ["exec", box, "systemctl", "start", "ssh.service"]);
    }
    const missing = await world.project.run("drift", "--stack", "nowhere");
    assert.equal(missing.exitCode, 2, said(missing));
    await none();
  });
});

async function ownBox(): Promise<string> {
  const { port } = new URL(world.staging.url);
  const { stdout } = await execa("docker", [
    "ps",
    "--all",
    "--filter",
    "name=^box-staging-",
    "--format",
    "{{.Names}} {{.Ports}}",
  ]);
  const running = stdout.split("\n").find((line) => line.includes(`:${port}->443`));
  assert.ok(running, stdout);
  return running.split(" ")[0]!;
}
