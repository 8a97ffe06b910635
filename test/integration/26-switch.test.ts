import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Document } from "yaml";
import { Client, Load } from "./support/client.ts";
import { torture } from "./support/torture/world.ts";

/** What was lost, each kind once; a reload of the edge closes idle connections, which a browser opens again. */
const lost = ({ failures }: Load, reloaded = false): string[] => [
  ...new Set(failures.filter((one) => !reloaded || !/hang up|ECONNRESET/.test(one))),
];

const ADDRESS = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";

/** Starts a container again, and prints how long the switch needed after its first answer, in milliseconds. */
const BACK = [
  'docker start "$1" >/dev/null',
  'address=$(docker inspect -f "$2" "$1")',
  'ask() { curl -fs -m 1 -o /dev/null "$@"; }',
  'until ask "http://$address:9090/healthz"; do sleep 0.05; done',
  "start=$(date +%s%N)",
  "until ask --unix-socket /opt/torture/switch/run/torture.sock http://x/healthz; do sleep 0.05; done",
  "echo $(( ($(date +%s%N) - start) / 1000000 ))",
];

/** What visitors must not lose while the switch changes: requests, transfers, WebSockets. */
describe("the switch, under way", function () {
  this.timeout(300_000);
  before("the torture application, and one that stays unchanged", async () => {
    await torture.ready();
    await torture.declare((file) => {
      file.setIn([...torture.app(), "drain"], "20 s");
      const routes = [{ path: "/sockets/", websocket: true }];
      torture.add(file, "sockets", { routes });
    });
  });

  const set = (name: string, values: Record<string, unknown>) => (file: Document) => {
    for (const [path, value] of Object.entries(values))
      file.setIn([...torture.app(name), ...path.split(".")], value);
  };
  let socket: ReturnType<typeof torture.client.socket>;

  it("opens a WebSocket, which the last of these tests looks for", async () => {
    socket = torture.client.socket("/sockets/ws");
    await new Promise((done, fail) => socket.once("open", done).once("error", fail));
  });

  it("answers a request of 10 s and every other one while the health path changes", async () => {
    const slow = torture.client.another().ask("/slow?seconds=10");
    const load = new Load(torture.client, "/echo");
    await torture.declare((file) => {
      set("torture", { "health.path": "/healthz", "health.probe": "/health" })(file);
      set("torture", { "environment.HEALTH_PATH": "/healthz", "environment.VERSION": "second" })(file);
    });
    await load.stop();
    assert.deepEqual(lost(load, true), []);
    assert.deepEqual([(await slow).status, (await slow).headers["x-version"]], [200, "first"]);
    assert.equal((await torture.client.ask("/")).headers["x-version"], "second");
  });

  it("and while the port changes, whose new slots take later releases too", async () => {
    const slow = torture.client.another().ask("/slow?seconds=10");
    const load = new Load(torture.client, "/echo");
    await torture.declare(set("torture", { port: 9090, "environment.VERSION": "third" }));
    for (const version of ["fourth", "fifth"])
      await torture.declare(set("torture", { "environment.VERSION": version }));
    await load.stop();
    assert.deepEqual(lost(load, true), []);
    assert.deepEqual([(await slow).status, (await slow).headers["x-version"]], [200, "second"]);
    assert.equal((await torture.client.ask("/")).headers["x-version"], "fifth");
  });

  it("adds applications in the update in which another one drains", async () => {
    const slow = torture.client.another().ask("/slow?seconds=8");
    const load = new Load(torture.client, "/echo");
    await torture.declare((file) => {
      set("torture", { "environment.VERSION": "sixth" })(file);
      // Names that only look as if they were the switch's own.
      for (const name of ["status", "admin"])
        torture.add(file, name, { routes: [{ path: `/${name}/` }], environment: { VERSION: name } });
    });
    await load.stop();
    assert.deepEqual(lost(load, true), []);
    assert.deepEqual([(await slow).status, (await slow).headers["x-version"]], [200, "fifth"]);
    for (const name of ["status", "admin"])
      assert.equal((await torture.client.ask(`/${name}/`)).headers["x-version"], name);
  });

  it("renames an application without a moment in which its routes lead nowhere", async () => {
    await torture.declare((file) => set("status", { drain: "20 s" })(file));
    const slow = torture.client.another().ask("/status/slow?seconds=12");
    const load = new Load(torture.client, "/status/echo");
    await torture.declare((file) => {
      file.deleteIn(torture.app("status"));
      torture.add(file, "state", { routes: [{ path: "/status/" }], environment: { VERSION: "state" } });
    });
    await load.stop();
    assert.deepEqual(lost(load, true), []);
    assert.deepEqual([(await slow).status, (await slow).headers["x-version"]], [200, "status"]);
    assert.equal((await torture.client.ask("/status/")).headers["x-version"], "state");
  });

  it("finds a container that comes back with another address within 2 s of its first answer", async () => {
    const [id, image] = (
      await torture.ssh([
        "docker",
        "ps",
        "--filter",
        "label=service=torture",
        "--format",
        "{{.ID}} {{.Image}}",
      ])
    ).stdout.split(" ") as [string, string];
    const address = async (container: string): Promise<string> =>
      (await torture.ssh(["docker", "inspect", "-f", ADDRESS, container])).stdout.trim();
    const before = await address(id);
    await torture.ssh(["docker", "stop", "--time", "1", id]);
    // Takes the address that has become free.
    const fillers: string[] = [];
    try {
      do {
        const options = ["--detach", "--network", "torture_network", "--env", "LISTEN=none"];
        const { stdout } = await torture.ssh(["docker", "run", ...options, image]);
        fillers.push(stdout.trim());
        assert.ok(fillers.length < 9, "no container takes the address");
      } while ((await address(fillers.at(-1)!)) !== before);
      const ran = await torture.ssh(["timeout", "60", "bash", "-ec", BACK.join("\n"), "-", id, ADDRESS]);
      assert.equal(ran.exitCode, 0, ran.stderr);
      assert.notEqual(await address(id), before);
      assert.ok(Number(ran.stdout) <= 2000, `${ran.stdout} ms`);
    } finally {
      await torture.ssh(["docker", "rm", "--force", ...fillers]);
    }
  });

  it("answers other containers under an application's name, over releases, and nothing restarts for it", async () => {
    const all = ["docker", "ps", "--no-trunc", "--format", "{{.ID}}"];
    const before = (await torture.ssh(all)).stdout.trim().split("\n");
    await torture.declare((file) => torture.add(file, "caller", { needs: ["torture"] }));
    const after = (await torture.ssh(all)).stdout.trim().split("\n");
    assert.deepEqual(
      before.filter((id) => !after.includes(id)),
      [],
    );
    assert.equal(after.length, before.length + 2, "the caller, and the gateway that leads it");
    const filter = ["docker", "ps", "--quiet", "--filter", "label=service=caller"];
    const caller = (await torture.ssh(filter)).stdout.trim();
    const script = readFileSync(join(__dirname, "support", "inside.mjs"), "utf8");
    const node = ["docker", "exec", "-i", caller, "node", "--input-type=module", "-"];
    const asking = torture.ssh([...node, "http://torture:9090/echo", "25"], script);
    for (const version of ["seventh", "eighth"])
      await torture.declare(set("torture", { "environment.VERSION": version }));
    const { stdout, stderr, exitCode } = await asking;
    assert.equal(exitCode, 0, stderr);
    const { failures, versions } = JSON.parse(stdout) as Record<string, Record<string, number>>;
    assert.deepEqual(failures, {});
    assert.deepEqual(Object.keys(versions!).slice(0, 2), ["sixth", "seventh"]);
    assert.ok(versions!.seventh! > 20, stdout);
  });

  it("has kept the WebSocket over all of it, reloads of switch and edge", async () => {
    const answer = new Promise((done) => socket.once("message", (data) => done(String(data))));
    socket.send("still there");
    const late = new Promise((_, fail) => setTimeout(() => fail(new Error("no answer")), 5000).unref());
    assert.match(String(await Promise.race([answer, late])), /still there/);
    const workers = await torture.ssh(["pgrep", "-c", "-f", "nginx: worker process is shutting down"]);
    assert.ok(Number(workers.stdout) >= 1, "the edge was reloaded meanwhile");
    socket.close();
  });

  it("leads a subdomain from a neighbour to an application and back, without a moment in between", async () => {
    const image = String(torture.project.read("Pulumi.torture.yaml").match(/image: (\S+@\S+)/)![1]);
    const guest = ["--name=blog", "--network=torture_network", "--env=VERSION=neighbour", image];
    assert.equal((await torture.ssh(["docker", "run", "--detach", ...guest])).exitCode, 0);
    const blog = (place: Record<string, unknown>): Promise<void> =>
      torture.declare((file) => file.setIn(["config", "fairlead:edge", "subdomains", "blog"], place));
    await blog({ upstream: "blog:8080" });
    const { url, ...out } = torture.out;
    const visitor = new Client({ ...out, url: url.replace("://", "://blog.") });
    const answered = async (): Promise<unknown> => (await visitor.ask("/")).headers["x-version"];
    try {
      assert.equal(await answered(), "neighbour");
      const load = new Load(visitor, "/echo");
      await blog({ app: "sockets" });
      assert.notEqual(await answered(), "neighbour");
      await blog({ upstream: "blog:8080" });
      assert.equal(await answered(), "neighbour");
      await load.stop();
      assert.deepEqual(lost(load, true), []);
    } finally {
      visitor.close();
      await torture.ssh(["docker", "rm", "--force", "blog"]);
    }
  });
});
