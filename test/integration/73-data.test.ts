import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { infrastructureImage } from "../../config/images.ts";
import { world } from "./support/stack.ts";

const POSTGRES = "maicivy_postgres";

/** Writes one line at each start, with the client that the image of Postgres brings, and stays. */
const WORK = `psql -v ON_ERROR_STOP=1 "$DATABASE_URL" \\
  -c 'CREATE TABLE IF NOT EXISTS entries (version text)' -c "INSERT INTO entries VALUES ('$VERSION')" || exit 3
trap 'exit 0' TERM
while true; do sleep 1; done`;

/** An image of the stack's own, by digest: it brings the client that an application here needs. */
function imageOf(service: "postgres" | "redis"): string {
  const reference = infrastructureImage("debian", service);
  const digest = String(parseDocument(world.file).getIn(["config", "fairlead:digests", reference]));
  return `${reference.replace(/:[^:/]*$/, "")}@${digest}`;
}

/** An application with one worker, whose work is in the database. */
function ledger(version: string, more: object): object {
  return {
    image: imageOf("postgres"),
    environment: { VERSION: version },
    secretsAs: "environment",
    user: "70:70",
    processes: {
      worker: { entrypoint: ["sh", "-c"], command: [WORK], stop: "3 s", health: { within: "10 s" } },
    },
    ...more,
  };
}

function write(app: object | undefined, name = "ledger"): void {
  const path = ["config", "fairlead:apps", name];
  world.project.edit(world.stack, (document) => {
    if (app) document.setIn(path, document.createNode(app));
    else document.deleteIn(path);
  });
}

/** Declares it and updates; gives what the update printed. */
async function declare(app: object | undefined, name = "ledger"): Promise<string> {
  write(app, name);
  const { exitCode, stdout, stderr } = await world.pulumiUp();
  assert.equal(exitCode, 0, stdout + stderr);
  return stdout + stderr;
}

/** A script in the container that runs of an application's worker, with its variables; gives what it printed. */
async function inside(app: string, script: string): Promise<string> {
  const filters = ["--filter", `label=service=${app}`, "--filter", "label=process=worker"];
  const { stdout: found } = await world.ssh(["docker", "ps", "--quiet", ...filters]);
  const container = found.trim().split("\n");
  assert.equal(container.length, 1, `one worker runs: ${found}`);
  const { stdout } = await world.ssh(["docker", "exec", container[0]!, "sh", "-c", `${script} 2>&1`]);
  return stdout.trim();
}

/** SQL as the application itself sends it, to its own database or another one. */
function ask(sql: string, database?: string): Promise<string> {
  const url = database ? `\${DATABASE_URL%/*}/${database}` : "$DATABASE_URL";
  return inside("ledger", `psql -XAt -v ON_ERROR_STOP=1 "${url}" -c '${sql}'`);
}

const versions = (): Promise<string> => ask("SELECT version FROM entries");

/** Lets everything go that the application left behind, whatever has failed. */
async function forgotten(): Promise<void> {
  const admin = (sql: string, database = "postgres") =>
    world.ssh(["docker", "exec", "-u", "postgres", POSTGRES, "psql", "-d", database, "-c", sql]);
  await admin("DROP TABLE IF EXISTS entries", "maicivy");
  await admin("DROP DATABASE IF EXISTS ledger");
  await admin("DROP ROLE IF EXISTS ledger");
}

describe("a database of an application's own", function () {
  this.timeout(300_000);
  before("the stack, and an application that shares its database", async () => {
    await world.ready();
    await declare(ledger("one", { needs: ["database"] }));
  });
  after("as it was", async () => {
    await declare(undefined);
    await forgotten();
  });

  it("is missing, which a preview says of those that share one", async () => {
    const { stdout } = await world.project.pulumi(["preview", "--stack", world.stack]);
    assert.match(stdout, /backend, ledger share one database, and each can read and change/);
    assert.equal(await versions(), "one");
  });

  it("is refused in place of the shared one, before anything changes", async () => {
    write(ledger("two", { database: {} }));
    const { exitCode, stdout, stderr } = await world.pulumiUp();
    assert.notEqual(exitCode, 0);
    assert.match(stdout + stderr, /apps\.ledger\.database: maicivy → ledger would leave data behind/);
    assert.match(stdout + stderr, /fairlead forget apps\.ledger\.database/);
    assert.equal(await versions(), "one");
  });

  it("takes over what was there, as docs/server.md says", async () => {
    const block = /^```sh\n(docker exec[^`]*CREATE DATABASE[^`]*)```/m.exec(
      readFileSync("docs/server.md", "utf8"),
    );
    const typed = block![1]!
      .replaceAll("NAME_postgres", POSTGRES)
      .replace(" OLD ", " --table=entries maicivy ")
      .replaceAll("NEW", "ledger")
      .replaceAll("dump.sql", "/tmp/ledger.sql")
      .replace("sudo fairlead forget apps.APP", "fairlead forget apps.ledger");
    const { stdout } = await world.ssh(["bash", "-eus"], typed);
    assert.match(stdout, /may change apps\.ledger\.database/);
    await declare(ledger("two", { database: { extensions: ["pg_trgm"] } }));
    assert.equal(await versions(), "one\ntwo");
    assert.equal(await ask("SELECT current_database(), current_user"), "ledger|ledger");
  });

  it("is closed to others, as theirs and Postgres's own are to it", async () => {
    for (const database of ["maicivy", "postgres", "template1"])
      assert.match(await ask("SELECT 1", database), /permission denied for database/, database);
  });

  it("has the data of every release, also when the earlier one is put back", async () => {
    await declare(ledger("three", { database: { extensions: ["pg_trgm"] } }));
    await declare(ledger("two", { database: { extensions: ["pg_trgm"] } }));
    assert.equal(await versions(), "one\ntwo\nthree\ntwo");
    const preview = await world.project.pulumi(["preview", "--expect-no-changes", "--stack", world.stack]);
    assert.equal(preview.exitCode, 0, preview.stdout);
  });

  it("isn't left behind by the same application under another name", async () => {
    const books = ["config", "fairlead:apps", "books"];
    const settings = { database: { extensions: ["pg_trgm"] } };
    write(undefined);
    world.project.edit(world.stack, (document) => {
      document.setIn(books, document.createNode(ledger("two", settings)));
    });
    const { exitCode, stdout, stderr } = await world.pulumiUp();
    world.project.edit(world.stack, (document) => document.deleteIn(books));
    write(ledger("two", settings));
    assert.notEqual(exitCode, 0);
    assert.match(
      stdout + stderr,
      /apps\.ledger\.database: ledger goes and apps\.books\.database: books comes/,
    );
    assert.match(stdout + stderr, /with apps\.books\.database\.name: ledger\./);
    assert.equal(await versions(), "one\ntwo\nthree\ntwo");
  });
});

describe("a Redis of an application's own", function () {
  this.timeout(300_000);
  const VOLUME = "maicivy_till_redis_data";
  const till = (cache: object): object => ({
    image: imageOf("redis"),
    cache: { dedicated: true, memory: "16 MB", ...cache },
    environment: { SECOND: "redis://{{cache.user}}:{{cache.password}}@{{cache.host}}:{{cache.port}}/15" },
    secretsAs: "environment",
    user: "999:1000",
    processes: {
      worker: {
        entrypoint: ["sh", "-c"],
        command: ["trap 'exit 0' TERM; while true; do sleep 1; done"],
        stop: "3 s",
      },
    },
  });
  const cli = (words: string, url = "$REDIS_URL"): string =>
    `redis-cli --no-auth-warning -u "${url}" ${words}`;
  /** One after the other; what they print, in lines. */
  const redis = (commands: string[], app = "till"): Promise<string> =>
    inside(app, `{ ${commands.join("; ")}; }`);
  const volumes = async (): Promise<string> => (await world.ssh(["docker", "volume", "ls", "-q"])).stdout;

  before("the stack, with an application that has one", async () => {
    await world.ready();
    await declare(till({}), "till");
  });
  after("as it was", async () => {
    for (const name of ["till", "desk"]) write(undefined, name);
    await declare(undefined);
    assert.match(await volumes(), new RegExp(`^${VOLUME}$`, "m"), "its data outlives it");
    await world.ssh(["docker", "volume", "rm", VOLUME]);
  });

  it("has all databases, KEYS and FLUSHDB, the memory and policy that are declared, and no command of an administrator", async () => {
    const said = await redis([
      cli("SET plain 1"),
      cli("SET other 2", "$SECOND"),
      cli("KEYS '*'", "$SECOND"),
      cli("FLUSHDB", "$SECOND"),
      cli("KEYS '*'"),
    ]);
    assert.deepEqual(said.split("\n"), ["OK", "OK", "other", "OK", "plain"]);
    const memory = await redis([cli("INFO memory")]);
    assert.match(memory, /maxmemory:16777216\r?\n[^]*maxmemory_policy:noeviction/);
    const refused = ["CONFIG GET '*'", "ACL LIST", "SHUTDOWN", "FLUSHALL"].map((words) => cli(words));
    assert.equal((await redis(refused)).match(/NOPERM/g)?.length, refused.length);
  });

  it("opens to its application alone, and the stack's Redis not to that", async () => {
    const { stdout } = await world.project.pulumi([
      "config",
      "get",
      "REDIS_PASSWORD",
      "--stack",
      world.stack,
    ]);
    const shared = `redis://default:${stdout.trim()}@`;
    assert.match(await redis([cli("PING", `${shared}redis:6379/0`)]), /PONG/);
    assert.match(await redis([cli("PING", `${shared}cache-till:6379/0`)]), /WRONGPASS/);
    const moved = "$(echo $REDIS_URL | sed s/cache-till/redis/)";
    assert.match(await redis([cli("PING", moved)]), /WRONGPASS/);
  });

  it("keeps its data over a start with other settings, under the application's other name, and over that one's end", async () => {
    write(undefined, "till");
    await declare(till({ policy: "allkeys-lru", name: "till" }), "desk");
    const said = await redis([cli("GET plain"), cli("INFO memory")], "desk");
    assert.match(said, /^1\n[^]*maxmemory_policy:allkeys-lru/);
    const { exitCode, stdout } = await world.project.run("drift", "--stack", world.stack);
    assert.equal(exitCode, 0, stdout);
    const status = await world.project.run("status", "--stack", world.stack);
    assert.match(status.stdout, /cache-till .* 1 keys, .* of 16 MB, 0 evicted/);
  });
});
