import assert from "node:assert/strict";
import { execa } from "execa";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { docker, onEngine, PREFIX, published } from "./support.ts";

const LOOK = join(__dirname, "..", "..", "assets", "host", "fairlead", "look.py");
const HOUR = 3600e9;

onEngine("a look at containers that were just started", function () {
  this.timeout(60_000);
  const name = (kind: string): string => `${PREFIX}-${kind}`;
  const checks = { passing: ["CMD", "true"], failing: ["CMD-SHELL", "echo not yet; exit 3"] };
  const made: { remove: (options: object) => Promise<unknown> }[] = [];

  before(async function () {
    this.timeout(300_000);
    const { redis } = await published(["redis"]);
    await docker
      .pull(redis!)
      .then((stream) => new Promise((done) => docker.modem.followProgress(stream, done)));
    for (const [kind, Test] of Object.entries(checks)) {
      const container = await docker.createContainer({
        name: name(kind),
        Image: redis,
        Entrypoint: ["sleep", "300"],
        Healthcheck: { Test, Interval: HOUR, Timeout: 5e9, Retries: 3 },
        HostConfig: { NetworkMode: "none" },
      });
      made.push(container);
      await container.start();
    }
  });
  after(() => Promise.all(made.map((one) => one.remove({ force: true }))));

  it("runs their own check: Docker's first one comes an interval after the start", async () => {
    const label = randomBytes(2).toString("hex");
    const input = JSON.stringify({ [label]: { starting: "docker" } });
    const { stdout } = await execa("python3", [LOOK], { input });
    const { code, out } = (JSON.parse(stdout) as Record<string, { code: number; out: string }>)[label]!;
    assert.equal(code, 0);
    const answers = JSON.parse(out) as Record<string, { code: number; out: string }>;
    assert.equal(answers[name("passing")]!.code, 0);
    assert.deepEqual([answers[name("failing")]!.code, answers[name("failing")]!.out], [3, "not yet\n"]);
  });
});
