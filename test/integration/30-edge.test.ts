import assert from "node:assert/strict";
import { execa } from "execa";
import { buildLocally } from "../../automation/images/index.ts";
import { Browser, browserMissing } from "../examples/support/browser.ts";
import { until } from "../examples/support/wait.ts";
import { addressesOn } from "./support/box.ts";
import { Client, Load } from "./support/client.ts";
import { world } from "./support/stack.ts";

/** What only a whole stack can show; every rule by itself is in test/images/edge*.test.ts. */
describe("the edge of a whole stack", function () {
  this.timeout(240_000);

  before("the stack", () => world.ready());
  // Whatever a test declared, and wherever it ended.
  afterEach("as it was", () => world.ready());

  const change = async (path: string[], value: unknown): Promise<void> => {
    world.project.edit("staging", (document) => document.setIn(["config", "fairlead:edge", ...path], value));
    const { exitCode, stdout, stderr } = await world.pulumiUp();
    assert.equal(exitCode, 0, stdout + stderr);
  };

  const visit = async (name: string, path: string): ReturnType<Client["ask"]> => {
    const url = new URL(world.staging.url);
    url.hostname = `${name}.${url.hostname}`;
    const client = new Client({ ...world.staging, url: url.href });
    try {
      return await client.ask(path, { headers: { accept: "text/html" } });
    } finally {
      client.close();
    }
  };

  const missing = browserMissing();
  const reason = missing ? ` (skipped: ${missing})` : "";

  (missing ? it.skip : it)(`lets the page work in a real browser under its policy${reason}`, async () => {
    const trust = ["--ignore-certificate-errors", "--host-resolver-rules=MAP *.localhost 127.0.0.1"];
    const browser = await Browser.start(undefined, trust);
    try {
      await browser.open(world.staging.url);
      const shown = async (): Promise<boolean> => (await browser.text("verdict")) === "Everything is running";
      await until("the page shows that everything runs", shown, 20);
      await until("its socket is open", async () => (await browser.text("state-socket")) === "open", 20);
      assert.deepEqual(browser.complaints, []);
      // The policy is really there: what is inline doesn't run.
      await browser.run(
        "const s = document.createElement('script'); s.textContent = 'window.inline = 1'; document.body.append(s)",
      );
      assert.equal(await browser.run("window.inline"), undefined);
      assert.match(browser.complaints.join(), /Content Security Policy/);
    } finally {
      await browser.end();
    }
  });

  it("keeps static files of the page for a year, compressed", async () => {
    const [path] = /\/assets\/[^"]+\.js/.exec((await world.client.ask("/")).body)!;
    const { status, headers } = await world.client.ask(path, { headers: { "accept-encoding": "br" } });
    assert.deepEqual([status, headers["content-encoding"]], [200, "br"]);
    assert.equal(headers["cache-control"], "public, max-age=31536000, immutable");
  });

  it("answers for www and analytics with the same certificate", async () => {
    const www = await visit("www", "/x?y=1");
    assert.deepEqual([www.status, www.headers.location], [301, new URL("/x?y=1", world.staging.url).href]);
    const analytics = await visit("analytics", "/");
    assert.equal(analytics.status, 503);
    assert.match(analytics.body, /Not available right now/);
    await assert.rejects(visit("other", "/"), /unrecognized name/);
  });

  it("shows a page of its own while no release answers", async () => {
    const container = (
      await world.ssh(["docker", "ps", "-q", "--filter", "label=service=frontend"])
    ).stdout.trim();
    assert.match(container, /^[0-9a-f]+$/);
    await world.ssh(["docker", "stop", container]);
    try {
      const page = (): ReturnType<Client["ask"]> =>
        world.client.ask("/", { headers: { accept: "text/html" } });
      // Until the switch has seen it three times, it may still try.
      await until("the switch says 503", async () => (await page()).status === 503, 15);
      assert.match((await page()).body, /Not available right now/);
    } finally {
      await world.ssh(["docker", "start", container]);
    }
    await until("the page is back", async () => (await world.client.ask("/")).status === 200, 30);
  });

  it("changes under load without an error that a visitor sees, and the change is there", async () => {
    const load = new Load(world.client, "/api/release");
    await change(["headers"], { "X-Checked": "yes" });
    await load.stop();
    assert.equal((await world.client.ask("/api/release")).headers["x-checked"], "yes");
    // Nginx closes idle keep-alive connections when it reloads; a request that is sent at that moment has no answer,
    // and a browser sends it again.
    assert.deepEqual(load.lost, []);
    assert.ok(
      load.failures.length * 100 <= load.count,
      `${load.failures.length} of ${load.count} sent again`,
    );
  });

  it("limits one address to 100 requests a minute, and watches of releases go on", async () => {
    await change(["limits"], { rate: "100/min", burst: 20 });
    const statuses: number[] = [];
    for (let index = 0; index < 150; index++) statuses.push((await world.client.ask("/api/health")).status);
    assert.ok(
      statuses.slice(0, 20).every((status) => status === 200),
      statuses.join(),
    );
    assert.equal(statuses.at(-1), 429);
    for (let index = 0; index < 40; index++)
      assert.equal((await world.client.ask("/health/deep")).status, 200);
  });

  it("answers HTTP/3 from outside and keeps answers, once its container is made for that", async () => {
    world.project.edit("staging", (document) => {
      const route = document.createNode({ path: "/assets/", cache: "30 s" });
      document.addIn(["config", "fairlead:apps", "frontend", "routes"], route);
    });
    const [path] = /\/assets\/[^"]+\.js/.exec((await world.client.ask("/")).body)!;
    await change(["http3"], true);
    const states = [await world.client.ask(path), await world.client.ask(path)];
    assert.deepEqual(
      states.map(({ headers }) => headers["x-cache"]),
      ["MISS", "HIT"],
    );
    assert.equal(await versionOf("/api/health"), "200 3");
    await world.ready();
    assert.equal((await world.client.ask(path)).headers["x-cache"], undefined);
  });

  /** Status and HTTP version of an answer to a client next to the box that speaks HTTP/3 only. */
  async function versionOf(path: string): Promise<string> {
    const [{ hostname }, { v4 }] = [new URL(world.staging.url), await addressesOn("fairlead")];
    const container = ["run", "--rm", "-i", "--network", "fairlead", "--entrypoint", "curl"];
    const to = ["--resolve", `${hostname}:443:${v4}`, "--cacert", "/dev/stdin", `https://${hostname}${path}`];
    const out = ["--silent", "--output", "/dev/null", "--write-out", "%{http_code} %{http_version}"];
    const image = await buildLocally("nginx", () => undefined);
    const input = world.staging.certificate;
    return (await execa("docker", [...container, image, "--http3-only", ...out, ...to], { input })).stdout;
  }

  it("closes for maintenance, with health paths open, and opens again", async () => {
    await change(["maintenance"], true);
    const page = await world.client.ask("/", { headers: { accept: "text/html" } });
    assert.equal(page.status, 503);
    assert.match(page.body, /Back soon/);
    assert.equal((await world.client.ask("/health/deep")).status, 200);
    await world.ready();
    assert.equal((await world.client.ask("/")).status, 200);
  });

  it("a broken configuration of the switch is refused by the real HAProxy, and the old one stays", async () => {
    const path = "/opt/maicivy/switch/conf/haproxy.cfg";
    const before = (await world.ssh(["cat", path])).stdout;
    const files = [{ path, mode: "0644", content: "frontend x\n  bind :http-port\n" }];
    const image = (
      await world.ssh(["docker", "inspect", "-f", "{{.Image}}", "maicivy_switch"])
    ).stdout.trim();
    const input = { name: "broken", folder: "/opt/maicivy/switch/conf", image, files };
    const ran = await world.ssh(["fairlead", "switch", "apply"], JSON.stringify(input));
    assert.equal(ran.exitCode, 1);
    assert.match(ran.stderr, /refused and the old ones are back[^]*haproxy\.cfg:2/);
    assert.equal((await world.ssh(["cat", path])).stdout, before);
  });

  it("says that nothing changed when asked again", async () => {
    // The first one may repair what the tests did past it.
    await world.up();
    assert.equal((await world.up()).changed, 0);
  });
});
