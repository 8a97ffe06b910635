import assert from "node:assert/strict";
import { join } from "node:path";
import { until } from "./support/box.ts";
import { Client, Load } from "./support/client.ts";
import { world } from "./support/stack.ts";
import type { StackStatus } from "../../automation/status/status.ts";
import type { Incident } from "../../automation/verbs/incident.ts";

/** Panels about what is not on this box: no job is declared, nothing is backed up, and the frontend exports no figures. */
const MAY_BE_EMPTY = new Set([
  "backup-age",
  "app-jobs-failed",
  "app-jobs-age",
  "jobs-duration",
  "app-latency-by-release",
]);

/** Every page at once: all of them are older than what is declared. */
const DRAW_ALL = "touch /etc/fairlead/dashboards.json; echo {} | fairlead dashboards draw";

/** What the pages show without any figure. */
function emptyPanels(html: string): string[] {
  const panels = [...html.matchAll(/<article class="w[^>]* aria-labelledby="([^"]+)">([^]*?)<\/article>/g)];
  assert.ok(panels.length > 2, "there are panels");
  return panels.filter(([, , text]) => /no data|not asked/.test(text!)).map(([, id]) => id!);
}

describe("how everything is", function () {
  this.timeout(900_000);

  let plain: string;
  before("the samples with monitoring and its pages", async () => {
    await world.ready();
    plain = world.file;
    world.project.edit("staging", (document) => {
      const set = (path: string[], value: unknown): void => document.setIn(["config", ...path], value);
      for (const [name, value] of Object.entries({ enabled: true, scrape: "5 s", evaluation: "5 s" }))
        set(["fairlead:monitoring", name], value);
      set(["fairlead:monitoring", "apps", "frontend", "title"], "Website");
      set(["fairlead:apps", "backend", "metrics"], document.createNode({}));
      set(["fairlead:edge", "subdomains", "analytics"], document.createNode({ pages: "dashboards" }));
      set(["fairlead:edge", "subdomains", "status"], document.createNode({ pages: "status" }));
    });
    await world.up();
    // Also what a failed test comes back to.
    world.keep();
  });
  after("without it again", async () => {
    world.file = plain;
    await world.up();
    world.keep();
  });

  const visit = async (name: string, path = "/"): ReturnType<Client["ask"]> => {
    const url = new URL(world.out.url);
    url.hostname = `${name}.${url.hostname}`;
    const client = new Client({ ...world.out, url: url.href });
    try {
      return await client.ask(path);
    } finally {
      client.close();
    }
  };

  /** As the timer does; systemd refuses to start its unit so often. */
  const draw = async (): Promise<void> => {
    const { exitCode, stderr } = await world.ssh(["fairlead", "dashboards", "draw"], "{}");
    assert.equal(exitCode, 0, stderr);
  };

  const status = async (): Promise<{ code: number | undefined; found: StackStatus }> => {
    const { exitCode, stdout, stderr } = await world.project.run("status", "--json");
    assert.ok(exitCode === 0 || exitCode === 1, stdout + stderr);
    return { code: exitCode, found: JSON.parse(stdout) as StackStatus };
  };

  it("is on one screen, with an exit code that says whether to look", async () => {
    const { code, found } = await status();
    assert.deepEqual(found.findings, []);
    assert.equal(code, 0);
    assert.deepEqual(
      found.processes.map(({ app, process, state, running }) => [app, process, state, running]).sort(),
      [
        ["backend", "web", "healthy", 1],
        ["frontend", "web", "healthy", 1],
      ],
    );
    const [backend] = found.processes;
    assert.ok(backend!.memory! > 10 * 1024 ** 2 && backend!.traffic!.weight === 100, JSON.stringify(backend));
    const { server } = found;
    assert.ok(server.database && "version" in server.database && server.database.connections > 0);
    assert.ok(server.cache && "version" in server.cache && server.cache.bytes > 0);
    assert.ok("end" in server.certificate && server.certificate.end > server.at);
    assert.ok("alerts" in server.monitoring!);
    assert.equal(found.change!.result, "succeeded");
    const { stdout } = await world.project.run("status");
    assert.match(stdout, /All is well/);
    console.log(stdout.replace(/^/gm, "      "));
  });

  it("names a service that doesn't run", async () => {
    await world.ssh(["docker", "stop", "maicivy_redis"]);
    try {
      const { code, found } = await status();
      assert.equal(code, 1);
      assert.ok(
        found.findings.some(({ severity, what }) => severity === "critical" && what === "redis: exited"),
        JSON.stringify(found.findings),
      );
    } finally {
      await world.ssh(["docker", "start", "maicivy_redis"]);
    }
    await until("all is well again", 60, async () => (await status()).code === 0);
  });

  it("is drawn: every dashboard has its figures, and the edge serves it", async () => {
    const loads = ["/api/items", "/api/counter"].map((path) => new Load(world.client, path, 1, 50));
    // A key of the cache.
    await world.client.ask("/api/counter", { method: "POST" });
    const { stdout } = await world.ssh(["cat", "/etc/fairlead/dashboards.json"]);
    const { dashboards } = JSON.parse(stdout) as { dashboards: { uid: string; title: string }[] };
    let empty: string[] = [];
    const look = async (): Promise<boolean> => {
      assert.equal((await world.ssh(["sh", "-c", DRAW_ALL])).exitCode, 0);
      empty = [];
      for (const { uid } of dashboards) {
        const found = emptyPanels((await visit("analytics", `/${uid}.html`)).body);
        empty.push(...found.filter((id) => !MAY_BE_EMPTY.has(id)).map((id) => `${uid} ${id}`));
      }
      return empty.length === 0;
    };
    // Rules need a few turns, rates two scrapes, and a timer its first run.
    await until("every panel has figures", 240, look).catch((error: Error) =>
      assert.fail(`${error.message}; none in ${empty.join(", ")}`),
    );
    await Promise.all(loads.map((load) => load.stop()));
    const page = await visit("analytics");
    assert.equal(page.status, 200);
    assert.match(page.body, /<title>maicivy - Production Overview<\/title>/);
    assert.match(String(page.headers["content-security-policy"]), /script-src 'none'; style-src 'sha256-/);
    for (const [, address] of page.body.matchAll(/href="([^"]+)"/g))
      assert.equal((await visit("analytics", `/${address}`)).status, 200, address);
  });

  it("is drawn into a file here", async () => {
    const file = join(world.project.folder, "page.html");
    const { exitCode, stdout, stderr } = await world.project.run(
      "dashboard",
      "--html",
      file,
      "--page",
      "host",
    );
    assert.equal(exitCode, 0, stdout + stderr);
    assert.deepEqual(emptyPanels(world.project.read("page.html")), []);
  });

  it("costs little to draw", async () => {
    const { stdout } = await world.ssh(["sh", "-c", `${DRAW_ALL}; times`]);
    const { drawn } = JSON.parse(stdout.split("\n")[0]!) as { drawn: string[] };
    // The shell's own time, then that of what it has started: user and system.
    const [, minutes, seconds] = /^(\d+)m([\d.]+)s/.exec(stdout.trim().split("\n").at(-1)!)!;
    console.log(`      ${seconds} s of a processor for ${drawn.length} pages`);
    assert.ok(
      drawn.length > 30 && Number(minutes) === 0 && Number(seconds) > 0 && Number(seconds) < 10,
      stdout,
    );
  });

  it("is told to visitors, also while an application is down", async () => {
    await draw();
    assert.match(
      (await visit("status")).body,
      /All services are available\.[^]*<h3>Website <b class="green">available/,
    );
    const began = await world.project.run(
      ...("incident --json --begin Slow --app backend --text".split(" ").concat("We look.") as [
        string,
        ...string[],
      ]),
    );
    assert.equal(began.exitCode, 0, began.stderr);
    const { incident } = JSON.parse(began.stdout) as { incident: Incident };
    assert.match(
      (await visit("status")).body,
      /Some services are disturbed\.[^]*Slow \(backend\)[^]*We look\./,
    );
    const container = (
      await world.ssh(["docker", "ps", "-q", "--filter", "label=service=backend"])
    ).stdout.trim();
    await world.ssh(["docker", "stop", container]);
    try {
      await until("the page says that it is down", 60, async () => {
        await draw();
        return /Some services are not available/.test((await visit("status")).body);
      });
    } finally {
      await world.ssh(["docker", "start", container]);
    }
    const closed = await world.project.run("incident", "--close", incident.id, "--text", "Well again.");
    assert.equal(closed.exitCode, 0, closed.stderr);
    await until("the page says that all is well", 60, async () => {
      await draw();
      return /All services are available\.[^]*Well again\./.test((await visit("status")).body);
    });
  });
});
