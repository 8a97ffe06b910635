import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Load } from "./support/client.ts";
import { parseDocument } from "yaml";
import { diary, type Entry } from "./support/diary.ts";
import { world } from "./support/stack.ts";

/** Programs of the application; the image is the sample's, which brings node. */
const WEB = `const server = require("http").createServer((_, answer) => answer.end(process.env.VERSION)).listen(process.env.PORT);
process.on("SIGTERM", () => server.close(() => process.exit(0)))`;
const WORKER = `process.on("SIGTERM", () => setTimeout(() => process.exit(0), 1500)); setInterval(() => {}, 1000)`;
const SCHEDULER = `process.on("SIGTERM", () => process.exit(0)); if (process.env.FAULT) process.exit(3); setInterval(() => {}, 1000)`;
const node = (program: string): string[] => ["node", "-e", program];

/** An application whose processes are seen in the engine's events. */
function desk(version: string, environment: Record<string, string> = {}): object {
  return {
    image: backend(),
    port: 8080,
    command: node(WEB),
    health: { path: "/", within: "20 s", command: node("fetch('http://127.0.0.1:8080/')") },
    drain: "1 s",
    stop: "5 s",
    routes: [{ path: "/desk/" }],
    environment: { VERSION: version, ...environment },
    processes: {
      scheduler: { command: node(SCHEDULER), single: true, health: { within: "5 s" } },
      worker: { command: node(WORKER), replicas: 2 },
    },
  };
}

const backend = (): string =>
  String(parseDocument(world.file).getIn(["config", "fairlead:apps", "backend", "image"]));

const declare = (app: object | undefined, name = "desk"): void =>
  world.project.edit(world.stack, (document) => {
    const path = ["config", "fairlead:apps", name];
    if (app) document.setIn(path, app);
    else document.deleteIn(path);
  });

async function up(): Promise<{ exitCode?: number; text: string }> {
  const { exitCode, stdout, stderr } = await world.pulumiUp();
  return { exitCode, text: stdout + stderr };
}

/** Processes of the application that run: `scheduler`, `worker`, `web`. */
async function running(app = "desk"): Promise<string[]> {
  const format = '{{or (.Label "process") "web"}}';
  const { stdout } = await world.ssh([
    "docker",
    "ps",
    "--filter",
    `label=service=${app}`,
    "--format",
    format,
  ]);
  return stdout.split("\n").filter(Boolean).sort();
}

/** The most containers of a process that ran at one time. */
function together(entries: Entry[], process: string): number {
  let now = 0;
  return Math.max(
    ...entries
      .filter((entry) => entry.process === process)
      .map(({ what }) => (now += what === "start" ? 1 : -1)),
  );
}

const ALL = ["scheduler", "web", "worker", "worker"];

describe("processes of one application", () => {
  before("the stack with an application of three processes", async () => {
    await world.ready();
    declare(desk("one"));
    await diary.begin(world);
    const { exitCode, text } = await up();
    assert.equal(exitCode, 0, text);
  });

  after("the stack as it was", async () => {
    await diary.end(world);
    await world.ready();
  });

  it("run beside each other, workers after the web process", async () => {
    assert.deepEqual(await running(), ALL);
    const starts = (await diary.read(world, "desk")).filter(({ what }) => what === "start");
    assert.equal(starts[0]!.process, "web");
    assert.equal((await world.client.ask("/desk/")).body, "one");
  });

  it("are released together: one scheduler at any time, old workers with their time to finish", async () => {
    await diary.turn(world);
    declare(desk("two"));
    const { exitCode, text } = await up();
    assert.equal(exitCode, 0, text);
    const entries = await diary.read(world, "desk");
    assert.equal(together([{ process: "scheduler", what: "start", code: "" }, ...entries], "scheduler"), 1);
    assert.deepEqual(
      entries.filter(({ process, what }) => process === "worker" && what === "die").map(({ code }) => code),
      ["0", "0"],
    );
    assert.deepEqual(await running(), ALL);
    assert.equal((await world.client.ask("/desk/")).body, "two");
  });

  it("stay what they were when the new scheduler fails: never two of it, and the traffic where it was", async () => {
    await diary.turn(world);
    declare(desk("three", { FAULT: "1" }));
    const { exitCode, text } = await up();
    assert.notEqual(exitCode, 0);
    assert.match(text, /the process scheduler doesn't pass its gate/);
    assert.match(text, /Runs again: desk-/);
    const old = { process: "scheduler", what: "start", code: "" } as const;
    assert.equal(together([old, ...(await diary.read(world, "desk"))], "scheduler"), 1);
    assert.equal((await world.client.ask("/desk/")).body, "two");
    assert.deepEqual(await running(), ALL);
  });

  it("come up after a restart of the engine as before, no scheduler twice", async () => {
    await world.ssh(["systemctl", "restart", "docker"]);
    for (let tries = 0; (await running()).length < ALL.length && tries < 50; tries++) await sleep(200);
    assert.deepEqual(await running(), ALL);
    await diary.begin(world);
  });

  it("go on with the next release after a failed one", async () => {
    declare(desk("four"));
    const { exitCode, text } = await up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(await running(), ALL);
    const { exitCode: drifted, stdout } = await world.project.run("drift", "--stack", world.stack);
    assert.equal(drifted, 0, stdout);
  });

  it("are prepared once by a command; when it fails, its output is in the message and nothing has changed", async () => {
    await diary.turn(world);
    const release = { command: node("console.log('the table exists'); process.exit(7)") };
    declare({ ...desk("five"), release });
    const failed = await up();
    assert.notEqual(failed.exitCode, 0);
    assert.match(failed.text, /its command failed with exit code 7[^]*the table exists/);
    const what = (entries: Entry[]): string[] =>
      entries.map(({ process, what, code }) => `${process} ${what} ${code}`);
    assert.deepEqual(what(await diary.read(world, "desk")), ["release start ", "release die 7"]);
    assert.equal((await world.client.ask("/desk/")).body, "four");
    await diary.turn(world);
    declare({ ...desk("five"), release: { command: node("console.log('done')") } });
    const { exitCode, text } = await up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(what(await diary.read(world, "desk")).slice(0, 3), [
      "release start ",
      "release die 0",
      "web start ",
    ]);
  });

  it("of an exclusive application are never there twice, and its visitors wait", async () => {
    const alone = (version: string, more: object = {}): object => ({
      ...desk(version),
      exclusive: true,
      ...more,
    });
    declare(alone("six"));
    assert.equal((await up()).exitCode, 0);
    await diary.turn(world);
    const load = new Load(world.client, "/desk/page");
    declare(alone("seven"));
    const { exitCode, text } = await up();
    declare(alone("eight", { command: node("process.exit(3)") }));
    const failed = await up();
    await load.stop();
    // What follows isn't to meet the one that fails.
    declare(alone("seven"));
    assert.equal(exitCode, 0, text);
    assert.notEqual(failed.exitCode, 0);
    assert.match(failed.text, /Runs again: desk-/);
    assert.deepEqual(load.failures, []);
    const entries = await diary.read(world, "desk");
    for (const process of ["web", "scheduler"])
      assert.equal(together([{ process, what: "start", code: "" }, ...entries], process), 1, process);
    assert.equal((await world.client.ask("/desk/")).body, "seven");
    assert.deepEqual(await running(), ALL);
  });

  it("of a first release that failed run once what it lacked is there, those too that had passed their gate", async () => {
    // What is missing lies in a volume, so that the second and third try are of the same release.
    const waiting = (name: string): string[] =>
      node(`if (!require("fs").existsSync("/given/${name}")) process.exit(3); ${WORKER}`);
    declare(
      {
        ...desk("one"),
        routes: [{ path: "/fresh/" }],
        volumes: { given: { path: "/given", mode: "0755" } },
        processes: {
          worker: { command: waiting("worker"), health: { within: "5 s" } },
          scheduler: { command: waiting("scheduler"), single: true, health: { within: "5 s" } },
        },
      },
      "fresh",
    );
    const give = async (name: string): Promise<void> => {
      const { stdout } = await world.ssh(["docker", "volume", "ls", "-q", "--filter", "name=_fresh_given"]);
      await world.ssh(["touch", `/var/lib/docker/volumes/${stdout.trim()}/_data/${name}`]);
    };
    assert.match((await up()).text, /the process worker doesn't pass its gate/);
    assert.deepEqual(await running("fresh"), []);
    await give("worker");
    assert.match((await up()).text, /the process scheduler doesn't pass its gate/);
    assert.deepEqual(await running("fresh"), ["worker"]);
    await give("scheduler");
    const { exitCode, text } = await up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(await running("fresh"), ["scheduler", "web", "worker"]);
    assert.equal((await world.client.ask("/fresh/")).body, "one");
    declare(undefined, "fresh");
    assert.equal((await up()).exitCode, 0);
  });

  it("need no port at all", async () => {
    const command = node(WORKER);
    declare(
      { image: backend(), command, processes: { clock: { command: node(SCHEDULER), single: true } } },
      "quiet",
    );
    const { exitCode, text } = await up();
    assert.equal(exitCode, 0, text);
    assert.deepEqual(await running("quiet"), ["clock", "main"]);
    declare(undefined, "quiet");
    assert.equal((await up()).exitCode, 0);
    assert.deepEqual(await running("quiet"), []);
  });
});
