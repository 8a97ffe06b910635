import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";
import { infrastructureImage } from "../../config/images.ts";
import { world } from "./support/stack.ts";

const APP = ["config", "fairlead:apps", "ledger"];
const POSTGRES = "maicivy_postgres";

/** Writes one line at each start, with the client that the image of Postgres brings, and stays. */
const WORK = `psql -v ON_ERROR_STOP=1 "$DATABASE_URL" \\
  -c 'CREATE TABLE IF NOT EXISTS entries (version text)' -c "INSERT INTO entries VALUES ('$VERSION')" || exit 3
trap 'exit 0' TERM
while true; do sleep 1; done`;

/** An application with one worker, whose work is in the database. */
function ledger(version: string, more: object): object {
  const reference = infrastructureImage("debian", "postgres");
  const digests = ["config", "fairlead:digests", reference];
  const digest = String(parseDocument(world.file).getIn(digests));
  return {
    image: `${reference.replace(/:[^:/]*$/, "")}@${digest}`,
    environment: { VERSION: version },
    secretsAs: "environment",
    user: "70:70",
    processes: {
      worker: { entrypoint: ["sh", "-c"], command: [WORK], stop: "3 s", health: { within: "10 s" } },
    },
    ...more,
  };
}

function write(app: object | undefined): void {
  world.project.edit(world.stack, (document) => {
    if (app) document.setIn(APP, document.createNode(app));
    else document.deleteIn(APP);
  });
}

/** Declares it and updates; gives what the update printed. */
async function declare(app: object | undefined): Promise<string> {
  write(app);
  const { exitCode, stdout, stderr } = await world.pulumiUp();
  assert.equal(exitCode, 0, stdout + stderr);
  return stdout + stderr;
}

/** SQL as the application itself sends it, in the container that runs, to its own database or another one. */
async function ask(sql: string, database?: string): Promise<string> {
  const filters = ["--filter", "label=service=ledger", "--filter", "label=process=worker"];
  const { stdout: found } = await world.ssh(["docker", "ps", "--quiet", ...filters]);
  const container = found.trim().split("\n");
  assert.equal(container.length, 1, `one worker runs: ${found}`);
  const url = database ? `\${DATABASE_URL%/*}/${database}` : "$DATABASE_URL";
  const script = `psql -XAt -v ON_ERROR_STOP=1 "${url}" -c '${sql}' 2>&1`;
  const { stdout } = await world.ssh(["docker", "exec", container[0]!, "sh", "-c", script]);
  return stdout.trim();
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
});
