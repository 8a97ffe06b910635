import assert from "node:assert/strict";
import { parseDocument } from "yaml";
import { until } from "./support/box.ts";
import { world } from "./support/stack.ts";

const HOST = "clinic.test";

/** Each path of health answers what `/set/<path>/<status>` said last: 204, and only to its own name. */
const PROGRAM = `const found = {};
require("http").createServer((request, answer) => {
  const [, word, path, status] = request.url.split("/").slice(request.url.startsWith("/clinic/") ? 1 : 0);
  if (word === "set") found[path] = Number(status);
  const asked = ["ready", "live", "probe"].includes(word);
  const known = !asked || word === "probe" || request.headers.host === "${HOST}";
  answer.writeHead(asked ? (known ? (found[word] ?? 204) : 500) : 200).end(asked ? "" : String(process.uptime()));
}).listen(process.env.PORT);
process.on("SIGTERM", () => process.exit(0))`;

function clinic(): object {
  const file = parseDocument(world.file);
  return {
    image: String(file.getIn(["config", "fairlead:apps", "backend", "image"])),
    port: 8080,
    command: ["node", "-e", PROGRAM],
    health: {
      ready: "/ready",
      live: "/live",
      probe: "/clinic/probe",
      status: 204,
      host: HOST,
      interval: "1 s",
      retries: 2,
      startPeriod: "1 s",
      within: "20 s",
    },
    stop: "3 s",
    drain: "1 s",
    routes: [{ path: "/clinic/" }],
  };
}

describe("health of an application, asked apart", function () {
  this.timeout(300_000);

  before("the stack with an application that says how it is", async () => {
    await world.ready();
    world.project.edit(world.stack, (file) => file.setIn(["config", "fairlead:apps", "clinic"], clinic()));
    const { exitCode, stdout, stderr } = await world.pulumiUp();
    assert.equal(exitCode, 0, stdout + stderr);
  });

  after("the stack as it was", async () => {
    await world.ready();
  });

  const ask = (path: string) => world.client.ask(`/clinic/${path}`);
  const status = async (path: string): Promise<number> => (await ask(path)).status;

  async function restarts(): Promise<number> {
    const { stdout, exitCode } = await world.project.run("traffic", "--stack", world.stack, "--json");
    assert.equal(exitCode, 0, stdout);
    const { releases } = JSON.parse(stdout) as { releases: { release: string; restarts: number }[] };
    return releases.find(({ release }) => release.startsWith("clinic-"))!.restarts;
  }

  it("is asked by the server, with its own name and status, where no program of the image can", async () => {
    assert.match(await shown('{{.Label "check"}} {{.Status}}'), /^outside Up [^(]*$/);
    assert.equal(await status("page"), 200);
    assert.equal(await restarts(), 0);
  });

  it("that isn't ready takes the traffic away, restarts nothing, and gives it back", async () => {
    await ask("set/ready/503");
    await until("no traffic", 20, async () => (await status("page")) === 503);
    const { stdout } = await world.ssh([
      "docker",
      "exec",
      await shown("{{.Names}}"),
      "node",
      "-e",
      "fetch('http://127.0.0.1:8080/set/ready/204')",
    ]);
    assert.equal(stdout, "");
    await until("traffic again", 20, async () => (await status("page")) === 200);
    assert.equal(await restarts(), 0);
  });

  it("that doesn't live is mended by a restart, which is counted", async () => {
    await ask("set/live/500");
    await until("a restart", 30, async () => (await restarts()) === 1);
    await until("an answer", 20, async () => (await status("page")) === 200);
    assert.equal(await status("live"), 500, "visitors don't have the name that it wants");
    const { stdout } = await world.ssh([
      "journalctl",
      "--unit",
      "fairlead-live",
      "--output",
      "cat",
      "--no-pager",
    ]);
    assert.match(stdout, /clinic-\S+ failed its live check 2 times in a row \(GET \/live [^)]*500/);
  });

  it("of what it calls concerns no visitor between two deploys, and stops the next one", async () => {
    await ask("set/probe/503");
    assert.equal(await status("page"), 200);
    const { exitCode, stdout, stderr } = await world.project.run("up", "--stack", world.stack, "--yes");
    assert.notEqual(exitCode, 0);
    assert.match(stdout + stderr, /\/clinic\/probe/);
    assert.equal(await status("page"), 200);
    await ask("set/probe/204");
    assert.equal(await restarts(), 1);
  });

  /** What Docker shows of its container. */
  async function shown(format: string): Promise<string> {
    const filter = ["--filter", "label=service=clinic"];
    return (await world.ssh(["docker", "ps", ...filter, "--format", format])).stdout.trim();
  }
});
