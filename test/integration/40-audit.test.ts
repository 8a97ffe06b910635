import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ids, type AuditResult, type Finding } from "../../audit/src/index.ts";
import { execa } from "execa";
import { BROKEN, CARELESS, EDGE, ELSEWHERE, KERNEL, OLD } from "./support/audit/broken.ts";
import { OldServer } from "./support/audit/old-server.ts";
import { PlainServer } from "./support/audit/plain-server.ts";
import { box } from "./support/box.ts";
import { world } from "./support/stack.ts";
import { everything } from "../support/everything.ts";

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
  const result = JSON.parse(stdout) as AuditResult;
  for (const id of withResult(result, "fail")) red.add(id);
  return { result, code: exitCode, text: stdout + stderr };
}

/** Gives the box as much memory as that; returns how much it had, in bytes. */
async function resize(bytes: number): Promise<number> {
  const { HostConfig, Name } = await box();
  const size = String(bytes);
  await execa("docker", ["update", "--memory", size, "--memory-swap", size, Name.slice(1)]);
  return HostConfig.Memory!;
}

/** Waits until Docker has checked every container once. */
async function settled(): Promise<void> {
  const early = ["--filter", "health=starting", "--filter", "health=unhealthy"];
  for (let tries = 0; tries < 60; tries++) {
    const { stdout } = await world.ssh(["docker", "ps", "--quiet", ...early]);
    if (stdout.trim() === "") return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** Checks that failed in any of the tests below. */
const red = new Set<string>();

const withResult = ({ findings }: AuditResult, result: Finding["result"]): string[] =>
  findings
    .filter((one) => one.result === result)
    .map(({ id }) => id)
    .sort();
const foundBy = ({ findings }: AuditResult, ids: string[]): string =>
  findings
    .filter(({ id }) => ids.includes(id))
    .map(({ id, found }) => `${id}: ${found}`)
    .join("\n");

describe("npm run audit", function () {
  this.timeout(300_000);
  let before_: AuditResult;

  before("of the stack as it is", async () => {
    await world.ready();
    await settled();
    before_ = (await audit("--stack", "staging")).result;
  });

  it("could check everything, and finds nothing of weight but the limit that these tests lift", () => {
    const grave = before_.findings.filter(({ result, severity }) => result === "fail" && severity !== "low");
    assert.deepEqual(
      grave.map(({ id }) => id),
      ["limit.429"],
      foundBy(
        before_,
        grave.map(({ id }) => id),
      ),
    );
    assert.deepEqual(withResult(before_, "unknown"), [], foundBy(before_, withResult(before_, "unknown")));
  });

  it("finds exactly what is broken, and nothing once it is repaired", async () => {
    const secret = (
      await world.project.pulumi(["config", "get", "POSTGRES_PASSWORD", "--stack", "staging"])
    ).stdout.trim();
    assert.ok(secret.length > 10);
    let memory = 0;
    try {
      await onBox("break.sh");
      memory = await resize(1500 * 1024 ** 2);
      const { result, code, text } = await audit("--stack", "staging");
      assert.equal(code, 1);
      const expected = [...new Set([...withResult(before_, "fail"), ...BROKEN])].sort();
      const found = withResult(result, "fail");
      const surprising = found.filter((id) => !expected.includes(id));
      assert.deepEqual(found, expected, foundBy(result, surprising));
      assert.deepEqual(withResult(result, "unknown"), []);
      assert.ok(!text.includes(secret), "no secret is printed");
      assert.match(foundBy(result, ["secrets.environment"]), /POSTGRES_PASSWORD in audit-rogue/);
      assert.ok(result.score.points !== null && result.score.points <= 40, `${result.score.points}`);
    } finally {
      await everything(
        () => memory && resize(memory),
        () => onBox("repair.sh"),
      );
    }
    await settled();
    const { result } = await audit("--stack", "staging");
    assert.deepEqual(
      withResult(result, "fail"),
      withResult(before_, "fail"),
      foundBy(result, withResult(result, "fail")),
    );
  });

  it("sees the limits that a visitor meets, and what is wrong with an edge that Nginx accepts", async () => {
    const checked = ["--only", ["limit.429", ...EDGE].join(",")];
    try {
      const limits = { rate: "100/min", burst: 20 };
      world.project.edit("staging", (document) =>
        document.setIn(["config", "fairlead:edge", "limits"], limits),
      );
      await world.up();
      const { result: good } = await audit("--stack", "staging", ...checked);
      assert.deepEqual(withResult(good, "pass"), ["limit.429", ...EDGE].sort(), foundBy(good, EDGE));
      const [, sent] = /: (\d+) requests .*\d× 429/.exec(foundBy(good, ["limit.429"])) ?? [];
      // 20 at once are allowed; what was under way counts too.
      assert.ok(Number(sent) <= 50, foundBy(good, ["limit.429"]));
      await onBox("break-edge.sh");
      const { result: bad } = await audit("--stack", "staging", ...checked);
      assert.deepEqual(withResult(bad, "fail"), [...EDGE].sort(), foundBy(bad, EDGE));
      assert.match(
        foundBy(bad, EDGE),
        /no upstream for frontend; no redirect for staging\.maicivy\.localhost/,
      );
      assert.match(foundBy(bad, EDGE), /maicivy_redis: 0 of 1/);
    } finally {
      // A plain update would leave what was broken by hand.
      world.doubt();
      await world.ready();
    }
    await settled();
    const { result } = await audit("--stack", "staging", ...checked);
    assert.deepEqual(withResult(result, "fail"), ["limit.429"], foundBy(result, EDGE));
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

  it("shows what the stack accepts with its reason, and refuses to accept a check that there isn't", async () => {
    const accept = (id: string): void =>
      world.project.edit("staging", (document) =>
        document.setIn(["config", "fairlead:audit", "accept", id], "its tests need many requests"),
      );
    try {
      accept("limit.429");
      const { result, code } = await audit("--stack", "staging", "--only", "limit.429");
      const [finding] = result.findings;
      assert.deepEqual(
        [code, finding?.result, finding?.accepted],
        [0, "accepted", "its tests need many requests"],
      );
      accept("limit.492");
      const { exitCode, stderr } = await world.project.run("audit", "--stack", "staging", "--only", "limit");
      assert.equal(exitCode, 2);
      assert.match(
        stderr,
        /audit\.accept\["limit\.492"\]: the audit has no such check\s+Did you mean "limit\.429"\?/,
      );
    } finally {
      world.project.edit("staging", (document) => document.deleteIn(["config", "fairlead:audit"]));
    }
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
    assert.deepEqual(failed, [...CARELESS].sort(), foundBy(result, failed));
    assert.match(foundBy(result, ["tls.old-protocols"]), /TLS 1\.0 is spoken; TLS 1\.1 is spoken/);
    assert.match(foundBy(result, ["tls.grade"]), /tls\.grade: T /);
  });

  it("leaves nothing behind", async () => {
    await server.stop();
    const { stdout } = await execa("docker", ["ps", "--all", "--format", "{{.Names}}"]);
    assert.ok(!stdout.includes(server.name));
  });
});

describe("npm run audit of a server that is old", function () {
  this.timeout(60_000);
  const server = new OldServer();

  before("an expired certificate, hellos of 2009, and TRACE", () => server.start());
  after(() => server.stop());

  it("finds them all", async () => {
    const { result } = await audit(
      "--url",
      `https://old.test:${server.port}/`,
      "--address",
      "127.0.0.1",
      "--only",
      OLD.join(","),
    );
    assert.deepEqual(withResult(result, "fail"), [...OLD].sort(), foundBy(result, OLD));
    assert.match(foundBy(result, ["tls.dh-size"]), /1024 bits/);
  });

  it("was the last: every check has failed, except what no box can break", () => {
    const green = ids().filter((id) => !red.has(id) && !KERNEL.includes(id));
    assert.deepEqual(green.sort(), [...ELSEWHERE].sort());
  });
});
