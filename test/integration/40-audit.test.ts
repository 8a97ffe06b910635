import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AuditResult, Finding } from "../../automation/audit/audit.ts";
import { execa } from "execa";
import { PlainServer } from "./support/audit/plain-server.ts";
import { world } from "./support/stack.ts";

/** What break.sh breaks, by check. */
const BROKEN = [
  ...["files.system", "files.socket", "files.secrets", "files.keys", "files.writable", "files.ssh-folders"],
  ...[
    "files.programs",
    "users.root",
    "users.empty-password",
    "users.passwords",
    "users.services",
    "users.sudo",
  ],
  ...["users.powerful", "ssh.passwords", "ssh.keyboard", "ssh.root", "ssh.empty", "ssh.tries", "ssh.grace"],
  ...["ssh.startups", "ssh.x11", "ssh.environment", "ssh.agent", "ssh.strict", "ssh.log", "ssh.kex"],
  ...["ssh.ciphers", "ssh.macs", "units.cron", "units.fail2ban", "units.updates", "units.failed"],
  ...[
    "kernel.redirects",
    "kernel.source-routes",
    "kernel.spoofing",
    "kernel.syn-cookies",
    "kernel.broadcasts",
  ],
  ...["configuration.nginx", "configuration.haproxy", "engine.socket", "engine.live-restore", "engine.logs"],
  ...["engine.registries", "engine.listening", "packages.reboot", "ports.only-declared", "ports.docker"],
  ...[
    "secrets.environment",
    "secrets.labels",
    "secrets.commands",
    "secrets.arguments",
    "secrets.history",
    "secrets.open-files",
  ],
  ...[
    "secrets.logs",
    "firewall.active",
    "firewall.default",
    "firewall.rules",
    "firewall.logging",
    "firewall.ipv6",
    "firewall.docker",
  ],
  ...["docker.5.4", "docker.5.6", "docker.5.9", "docker.5.10", "docker.5.11", "docker.5.12"],
  ...[
    "docker.5.13",
    "docker.5.14",
    "docker.5.15",
    "docker.5.16",
    "docker.5.17",
    "docker.5.18",
    "docker.5.19",
  ],
  ...[
    "docker.5.21",
    "docker.5.22",
    "docker.5.23",
    "docker.5.24",
    "docker.5.26",
    "docker.5.27",
    "docker.5.29",
  ],
  ...["docker.5.30", "docker.5.31", "docker.5.32", "containers.healthy", "containers.declared"],
  "containers.stopped",
];

const SUPPORT = join(__dirname, "support", "audit");
const onBox = async (script: string): Promise<void> => {
  const text = readFileSync(join(SUPPORT, script), "utf8");
  const { exitCode, stdout, stderr } = await world.ssh(["sh", "-s"], text);
  assert.equal(exitCode, 0, `${script}: ${stdout}${stderr}`);
};

/** An audit as a person starts it; its result and exit code. */
async function audit(
  ...args: string[]
): Promise<{ result: AuditResult; code: number | undefined; text: string }> {
  const { exitCode, stdout, stderr } = await world.project.run("audit", "--json", ...args);
  assert.match(stdout, /^\{/, stdout + stderr);
  return { result: JSON.parse(stdout) as AuditResult, code: exitCode, text: stdout + stderr };
}

/** Waits until Docker has checked every container once. */
async function settled(): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    const { stdout } = await world.ssh(["docker", "ps", "--quiet", "--filter", "health=starting"]);
    if (stdout.trim() === "") return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

const withResult = ({ findings }: AuditResult, result: Finding["result"]): string[] =>
  findings
    .filter((one) => one.result === result)
    .map(({ id }) => id)
    .sort();
const told = ({ findings }: AuditResult, ids: string[]): string =>
  findings
    .filter(({ id }) => ids.includes(id))
    .map(({ id, found }) => `${id}: ${found}`)
    .join("\n");

describe("npm run audit", function () {
  this.timeout(300_000);
  let before_: AuditResult;

  before("of the stack as it is", async () => {
    await settled();
    before_ = (await audit("--stack", "staging")).result;
  });

  it("could check everything, and finds nothing of weight but the limit that these tests lift", () => {
    const grave = before_.findings.filter(({ result, severity }) => result === "fail" && severity !== "low");
    assert.deepEqual(
      grave.map(({ id }) => id),
      ["limit.429"],
      told(
        before_,
        grave.map(({ id }) => id),
      ),
    );
    assert.deepEqual(withResult(before_, "unknown"), [], told(before_, withResult(before_, "unknown")));
  });

  it("finds exactly what is broken, and nothing once it is repaired", async () => {
    const secret = (
      await world.project.pulumi(["config", "get", "POSTGRES_PASSWORD", "--stack", "staging"])
    ).stdout.trim();
    assert.ok(secret.length > 10);
    try {
      await onBox("break.sh");
      const { result, code, text } = await audit("--stack", "staging");
      assert.equal(code, 1);
      const expected = [...new Set([...withResult(before_, "fail"), ...BROKEN])].sort();
      const found = withResult(result, "fail");
      const surprising = found.filter((id) => !expected.includes(id));
      assert.deepEqual(found, expected, told(result, surprising));
      assert.deepEqual(withResult(result, "unknown"), []);
      assert.ok(!text.includes(secret), "no secret is printed");
      assert.match(told(result, ["secrets.environment"]), /POSTGRES_PASSWORD in audit-rogue/);
      assert.ok(result.score.points <= 40, `${result.score.points}`);
    } finally {
      await onBox("repair.sh");
    }
    const { result } = await audit("--stack", "staging");
    assert.deepEqual(
      withResult(result, "fail"),
      withResult(before_, "fail"),
      told(result, withResult(result, "fail")),
    );
  });

  it("says what could not be checked, and never passes it", async () => {
    const file = "/etc/ssh/sshd_config.d/00-audit-broken.conf";
    try {
      await world.ssh(["tee", file], "NoSuchOption yes\n");
      const { result, code } = await audit("--stack", "staging", "--only", "configuration.sshd,ssh");
      assert.deepEqual(withResult(result, "fail"), ["configuration.sshd"]);
      assert.equal(withResult(result, "pass").length, 0);
      assert.ok(withResult(result, "unknown").length > 10);
      assert.equal(code, 1);
      const lenient = await audit("--stack", "staging", "--only", "ssh");
      assert.equal(lenient.code, 2);
    } finally {
      await world.ssh(["rm", "-f", file]);
    }
    const away = await audit("--url", "https://127.0.0.1:1/", "--only", "tls,certificate,headers,firewall");
    assert.equal(away.code, 2);
    assert.deepEqual(withResult(away.result, "pass"), []);
    const down = await world.project.run("audit", "--stack", "nobody");
    assert.equal(down.exitCode, 2, down.stdout + down.stderr);
  });

  it("writes a page that needs nothing else", async () => {
    const page = join(world.project.folder, "report.html");
    const { stdout } = await world.project.run(
      "audit",
      "--stack",
      "staging",
      "--only",
      "tls,users",
      "--html",
      page,
    );
    assert.match(stdout, /score/);
    const html = readFileSync(page, "utf8");
    assert.match(html, /<h1>Audit of staging\.maicivy\.localhost/);
    assert.ok(!/<script|<link|https?:\/\/[^"]*\.(css|js|png)/.test(html), "nothing from elsewhere");
  });
});

describe("npm run audit of a careless server", function () {
  this.timeout(300_000);
  const server = new PlainServer();

  before("a plain Nginx with old TLS and no headers", () => server.start());
  after(() => server.stop());

  it("finds old protocols, weak suites, a wrong certificate, missing headers, and what is public", async () => {
    const { result, code } = await audit("--url", "https://careless.test/", "--address", server.address);
    assert.equal(code, 1);
    const failed = withResult(result, "fail");
    const expected = [
      ...["certificate.key", "certificate.names", "certificate.public", "certificate.signature"],
      ...["certificate.trusted", "headers.csp", "headers.frame", "headers.hsts", "headers.nosniff"],
      ...[
        "headers.observatory",
        "headers.permissions",
        "headers.referrer",
        "headers.versions",
        "http.body-limit",
      ],
      ...[
        "http.brotli",
        "http.challenge",
        "tls.broken-ciphers",
        "http.gzip",
        "http.hidden",
        "http.redirect",
        "limit.429",
      ],
      ...["ports.declared", "ports.only-declared", "tls.foreign-name", "tls.forward-secrecy", "tls.grade"],
      ...[
        "tls.http2",
        "tls.intermediate",
        "tls.new-protocols",
        "tls.old-protocols",
        "tls.tickets",
        "dns.names",
      ],
    ].sort();
    assert.deepEqual(failed, expected, told(result, failed));
    assert.match(told(result, ["tls.old-protocols"]), /TLS 1\.0 is spoken; TLS 1\.1 is spoken/);
    assert.match(told(result, ["tls.grade"]), /tls\.grade: T /);
  });

  it("leaves nothing behind", async () => {
    await server.stop();
    const { stdout } = await execa("docker", ["ps", "--all", "--format", "{{.Names}}"]);
    assert.ok(!stdout.includes(server.name));
  });
});
