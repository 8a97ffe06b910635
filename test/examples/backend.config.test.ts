import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Server } from "./support/server.ts";
import { describeWithStores, sharedStores } from "./support/stores.ts";
import { until } from "./support/wait.ts";

const URLS = {
  DATABASE_URL: "postgres://u:hush-hush@127.0.0.1:1/d",
  REDIS_URL: "redis://:hush-hush@127.0.0.1:1",
};

/** Starts a backend that must refuse to start, and returns its problems. */
async function problemsOf(env: Record<string, string>): Promise<string[]> {
  const server = await Server.start("backend", env);
  assert.equal(await server.exited, 1);
  assert.equal(server.lines.length, 1, server.output);
  assert.ok(!server.output.includes("hush-hush"), "no secret in the message");
  return server.lines[0]?.problems as string[];
}

describe("example backend: refuses a bad configuration (A24)", function () {
  this.timeout(60_000);

  it("names every missing variable at once, with the remedy", async () => {
    const problems = await problemsOf({});
    assert.deepEqual(
      problems.map((problem) => problem.split(" ")[0]),
      ["DATABASE_URL:", "REDIS_URL:"],
    );
    for (const problem of problems) assert.match(problem, /is not set; set \w+=.+ or \w+_FILE to the path/);
  });

  const bad: [env: Record<string, string>, expected: RegExp][] = [
    [{ PORT: "http" }, /^PORT: expected a whole number 1–65535, got "http"/],
    [{ PORT: "70000" }, /^PORT: .*got "70000"/],
    [{ DATABASE_URL: "mysql://u:hush-hush@h/d" }, /^DATABASE_URL: the value \(not shown\) is no URL/],
    [{ REDIS_URL: "hush-hush" }, /^REDIS_URL: the value \(not shown\) is no URL/],
    [
      { DATABASE_URL: "", DATABASE_URL_FILE: "/nowhere" },
      /^DATABASE_URL_FILE: can't read \/nowhere \(ENOENT\)/,
    ],
    [{ DATABASE_URL_FILE: "/nowhere" }, /^DATABASE_URL: both DATABASE_URL and DATABASE_URL_FILE are set/],
    [
      { DATABASE_URL: "", DATABASE_URL_FILE: "/dev/null" },
      /^DATABASE_URL_FILE: the file \/dev\/null is empty/,
    ],
    [{ OPENAI_API_KEY_FILE: "/nowhere" }, /^OPENAI_API_KEY_FILE: can't read/],
    [
      { FRONTEND_URL: "example.org" },
      /^FRONTEND_URL: expected a URL that starts with http:\/\/ or https:\/\//,
    ],
    [{ LOG_LEVEL: "loud" }, /^LOG_LEVEL: expected one of trace, /],
    [{ FAULT: "errors" }, /^FAULT: expected .*; got "errors"/],
    [{ FAULT: "unhealthy,errors:101" }, /^FAULT: .*got "errors:101"/],
    [{ RELEASE: "a b\r\n" }, /^RELEASE: expected 1–128 of letters/],
    [{ DRAIN_SECONDS: "30" }, /^DRAIN_SECONDS: 30 must be below SHUTDOWN_SECONDS \(30\)/],
  ];
  for (const [env, expected] of bad) {
    it(`refuses ${JSON.stringify(env)}`, async () => {
      const problems = await problemsOf({ ...URLS, ...env });
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0] ?? "", expected);
    });
  }

  it("says what to do when its port is taken", async () => {
    const first = await (await Server.start("backend", URLS)).up();
    const second = await Server.start("backend", { ...URLS, PORT: String(first.port) });
    assert.equal(await second.exited, 1);
    assert.match(second.output, /PORT: can't listen on \d+ \(EADDRINUSE\); stop what listens there/);
    await first.end();
  });
});

describeWithStores("example backend: secrets from files", function () {
  this.timeout(60_000);

  it("reads NAME_FILE, with or without a line end, and logs only which keys are there", async () => {
    const { postgres, redis } = await sharedStores();
    const folder = mkdtempSync(join(tmpdir(), "app-secrets-"));
    const file = (name: string, text: string) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    const server = await Server.start("backend", {
      DATABASE_URL_FILE: file("database", `${postgres.url}\n`),
      REDIS_URL_FILE: file("redis", redis.url),
      CLAUDE_API_KEY_FILE: file("claude", "sk-ant-hush-hush\n"),
    });
    try {
      await server.up();
      await until("deep health", async () => (await server.json("/health/deep")).status === 200);
      const starting = server.lines.find(({ msg }) => msg === "starting");
      assert.deepEqual(starting?.keys, { claude: true, openai: false });
      assert.ok(!server.output.includes("hush"));
    } finally {
      await server.end();
      rmSync(folder, { recursive: true });
    }
  });
});
