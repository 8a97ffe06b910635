import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { byRelease, placesOf, type Place } from "../../automation/lib/figures.ts";
import { cleanUp, docker, onEngine, PREFIX, published, run, until } from "./support.ts";

const TOOLS = join(__dirname, "../../assets/host");

/** The switch's runtime API, an application with two slots, and what stands for its containers. */
const CONFIG = `
global
  stats socket /run/switch/_admin.sock mode 666 level admin
defaults
  mode http
  timeout client 5s
  timeout connect 5s
  timeout server 5s
frontend _status
  bind :8404
frontend api
  bind :8080
  default_backend api
backend api
  server s1 api-old-1:9001 weight 100
  server s2 api-new-1:9002 weight 0
  server s3 switch:9003 weight 0 disabled
frontend old
  bind :9001
  http-request return status 500 if { path /bad }
  http-request return status 200 content-type text/plain string old
frontend new
  bind :9002
  http-request return status 200 content-type text/plain string new
`;

/** Lines of Python with the host tools at hand; returns what they left in `result`. */
function python(program: string): unknown {
  const head = `import json, sys\nsys.path.insert(0, ${JSON.stringify(TOOLS)})\n`;
  const tail = "\nprint(json.dumps(result))\n";
  return JSON.parse(
    execFileSync("/usr/bin/python3", ["-B", "-c", `${head}${program}${tail}`], { encoding: "utf8" }),
  );
}

onEngine("figures of releases, from a real HAProxy", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "fairlead-figures-"));
  const socket = join(folder, "run", "_admin.sock");
  let container: Docker.Container;

  before(async function () {
    this.timeout(300_000);
    const { haproxy } = await published(["haproxy"]);
    mkdirSync(join(folder, "run"));
    for (const path of [folder, join(folder, "run")]) chmodSync(path, 0o777);
    writeFileSync(join(folder, "haproxy.cfg"), CONFIG);
    container = await docker.createContainer({
      name: `${PREFIX}-figures`,
      Image: haproxy,
      HostConfig: {
        ExtraHosts: ["api-old-1:127.0.0.1", "api-new-1:127.0.0.1", "switch:127.0.0.1"],
        Binds: [
          `${join(folder, "haproxy.cfg")}:/usr/local/etc/haproxy/haproxy.cfg:ro`,
          `${join(folder, "run")}:/run/switch`,
        ],
      },
    });
    await container.start();
    await until(container, 10, "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080");
  });
  after(async () => {
    await cleanUp();
    rmSync(folder, { recursive: true });
  });

  const ask = (path: string): Promise<{ code: number; out: string }> =>
    run(
      container,
      "bash",
      "-c",
      `exec 3<>/dev/tcp/127.0.0.1/8080; printf 'GET ${path} HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3`,
    );
  const look = (): Record<string, Place> => {
    const found = placesOf(
      python(`from fairlead import figures\nresult = figures.look({"socket": ${JSON.stringify(socket)}})`),
    );
    return Object.fromEntries(found.map((place) => [place.container, place]));
  };
  const taken = (slot: string, host: string): unknown =>
    python(
      `from fairlead.lib import counters, haproxy\n` +
        `result = counters.begin(${JSON.stringify(socket)}, haproxy.Runtime(${JSON.stringify(socket)}), "api", "${slot}", "${host}")`,
    );

  it("count requests, answers by status, weights and states, of places that are taken", async () => {
    for (const path of ["/", "/", "/", "/bad", "/bad"]) await ask(path);
    const places = look();
    assert.deepEqual(Object.keys(places).sort(), ["api-new-1", "api-old-1"]);
    const { requests, status, weight, state, responseMs } = places["api-old-1"]!;
    assert.deepEqual([requests, status["2xx"], status["5xx"], weight, state], [5, 3, 2, 100, "up"]);
    assert.equal(typeof responseMs, "number");
    assert.deepEqual([places["api-new-1"]!.requests, places["api-new-1"]!.responseMs], [0, null]);
    const releases = { api: [{ release: "api-old", image: "api@1", weight: 100 }] };
    assert.equal(byRelease(Object.values(places), releases)[0]!.requests, 5);
  });

  it("begin anew for a container that takes a place which another had", async () => {
    taken("s1", "api-old-1");
    const [fresh, now] = [look()["api-old-1"]!, Date.now() / 1000];
    assert.deepEqual([fresh.requests, fresh.status["5xx"]], [0, 0]);
    assert.ok(Math.abs(fresh.since - now) < 5, `${fresh.since} is now`);
    await ask("/");
    const { requests, responseMs } = look()["api-old-1"]!;
    assert.deepEqual([requests, responseMs], [1, null], "a mean over another's answers is none");
  });

  it("see a place that drains, and one that doesn't connect", async () => {
    const tell = (command: string): unknown =>
      python(
        `from fairlead.lib import haproxy\nresult = haproxy.Runtime(${JSON.stringify(socket)}).ask("${command}")`,
      );
    tell("set server api/s1 state drain");
    assert.equal(look()["api-old-1"]!.state, "draining");
    tell("set server api/s1 state ready");
    tell("set server api/s1 addr 127.0.0.1 port 9");
    await ask("/");
    assert.ok(look()["api-old-1"]!.connectErrors > 0);
    tell("set server api/s1 addr 127.0.0.1 port 9001");
  });

  it("begin anew with HAProxy's process", async () => {
    await container.restart({ t: 1 });
    await until(container, 10, "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080");
    await ask("/bad");
    const { requests, status, responseMs } = look()["api-old-1"]!;
    assert.deepEqual([requests, status["5xx"]], [1, 1]);
    assert.equal(typeof responseMs, "number");
  });
});
