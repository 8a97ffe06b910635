import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { execa } from "execa";
import { assetPath } from "../../components/lib/assets.ts";
import { cleanUp, onEngine, PREFIX, published, run, start, until } from "./support.ts";

/** Runs a noun of the host tools on this machine, which has the engine; gives what it printed, or why it refused. */
async function host(noun: string, verb: string, spec: object): Promise<{ refused?: string; out: string }> {
  const script = [
    "import json, sys",
    "from importlib import import_module",
    "from fairlead.lib.errors import HostError",
    "try: print(json.dumps(list(getattr(import_module('fairlead.' + sys.argv[1]), sys.argv[2])(json.load(sys.stdin)) or [])))",
    "except HostError as error: sys.exit(str(error))",
  ].join("\n");
  const { exitCode, stdout, stderr } = await execa("python3", ["-c", script, noun, verb], {
    input: JSON.stringify(spec),
    env: { PYTHONPATH: assetPath("host"), PYTHONDONTWRITEBYTECODE: "1" },
    reject: false,
  });
  return exitCode === 0 ? { out: stdout } : { out: stdout, refused: stderr };
}

onEngine("data of applications, each their own", function () {
  this.timeout(60_000);
  let images: Record<string, string>;
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    images = await published(["postgres", "redis"]);
    folder = mkdtempSync(join(tmpdir(), "own-data-"));
    chmodSync(folder, 0o755);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await cleanUp();
  });

  describe("databases", () => {
    let container: Docker.Container;
    let name: string;
    const PASSWORDS = { shop: "of the shop", cms: "of the cms", all: "of the stack" };

    const spec = (database: string, password: string, login: string, extensions?: string[]): object => ({
      container: name,
      database,
      owner: database,
      login: `${database}_${login}`,
      password,
      extensions,
    });
    const SHOP = (extensions = ["pg_trgm", "uuid-ossp"]): object =>
      spec("shop", PASSWORDS.shop, "00000001", extensions);
    const CMS = (): object => spec("cms", PASSWORDS.cms, "00000002", []);

    /** SQL of a login over the network, as an application sends it. */
    async function as(login: string, password: string, database: string, sql: string) {
      const { NetworkSettings: settings } = await container.inspect();
      const address = settings.Networks.bridge!.IPAddress;
      const client = ["psql", "-XAt", "-v", "ON_ERROR_STOP=1", "-h", address, "-U", login, "-d", database];
      return run(container, "env", `PGPASSWORD=${password}`, ...client, "-c", sql);
    }
    const shop = (sql: string, database = "shop") => as("shop_00000001", PASSWORDS.shop, database, sql);
    const cms = (sql: string, database = "cms") => as("cms_00000002", PASSWORDS.cms, database, sql);

    before(async () => {
      container = await start({
        image: images.postgres!,
        user: "postgres",
        tmpfs: ["/tmp", "/var/run/postgresql"],
        volumes: { "/var/lib/postgresql/data": `${PREFIX}-own` },
        command: ["postgres", "-c", "hba_file=/etc/pg_hba.conf", "-c", "listen_addresses=*"],
        env: ["POSTGRES_HOST_AUTH_METHOD=trust", "POSTGRES_DB=system"],
        files: { "/etc/pg_hba.conf": assetPath("database/pg_hba.conf") },
      });
      await until(container, 30, "pg_isready", "-h", "127.0.0.1");
      name = (await container.inspect()).Name.slice(1);
      // As in a stack: the shared one, and two of their own, at the same time.
      const shared = spec("system", PASSWORDS.all, "00000003");
      const made = await Promise.all(
        [shared, SHOP(), CMS()].map((one) => host("database_login", "apply", one)),
      );
      assert.deepEqual(
        made.map(({ refused }) => refused),
        [undefined, undefined, undefined],
      );
    });

    it("let their application make tables, schemas and trusted extensions, and have those that it asked for", async () => {
      for (const sql of [
        "CREATE TABLE t (id uuid DEFAULT uuid_generate_v4(), word text); INSERT INTO t (word) VALUES ('secret')",
        "CREATE INDEX ON t USING gin (word gin_trgm_ops)",
        "CREATE SCHEMA app; CREATE TABLE app.u (a int)",
        "CREATE EXTENSION hstore; CREATE EXTENSION citext",
      ]) {
        const { code, out } = await shop(sql);
        assert.equal(code, 0, out);
      }
      assert.equal((await shop("SELECT tableowner FROM pg_tables WHERE tablename = 't'")).out, "shop");
      assert.match((await shop("CREATE DATABASE more")).out, /permission denied/);
      assert.match((await shop("CREATE ROLE more")).out, /permission denied/);
    });

    it("are closed to every other application, and to the one with the stack's shared database", async () => {
      assert.match((await cms("TABLE t", "shop")).out, /permission denied for database "shop"/);
      assert.match((await shop("SELECT 1", "cms")).out, /permission denied for database "cms"/);
      assert.match((await shop("SELECT 1", "system")).out, /permission denied for database "system"/);
      const shared = (database: string) => as("system_00000003", PASSWORDS.all, database, "SELECT 1");
      assert.match((await shared("shop")).out, /permission denied for database "shop"/);
      assert.equal((await shared("system")).code, 0);
      assert.match((await cms("SET ROLE shop")).out, /permission denied to set role/);
      assert.match((await cms("GRANT shop TO cms_00000002")).out, /must have admin option/);
      assert.match((await cms("COPY (SELECT 1) TO '/tmp/x'")).out, /permission denied|must be superuser/);
      assert.match(
        (await as("shop_00000001", PASSWORDS.cms, "shop", "SELECT 1")).out,
        /authentication failed/,
      );
      assert.match((await as("postgres", "", "postgres", "SELECT 1")).out, /reject/);
    });

    it("refuse an extension that the image doesn't have by name, list what there is, and change nothing", async () => {
      const { refused } = await host(
        "database_login",
        "apply",
        spec("vec", "x", "00000004", ["pg_trgm", "vector"]),
      );
      assert.match(refused!, /no extension vector, which the database vec wants\. Nothing was changed\./);
      assert.match(refused!, /the image has: .*hstore.*, pg_trgm, .*uuid-ossp/);
      assert.match((await shop("SELECT count(*) FROM pg_database WHERE datname = 'vec'")).out, /^0$/);
    });

    it("are as declared, until somebody opens one, joins its owner, or drops an extension", async () => {
      const differences = async (): Promise<string[]> =>
        (
          JSON.parse((await host("database_login", "look", SHOP())).out) as {
            thing: string;
            aspect: string;
          }[]
        ).map(({ thing, aspect }) => `${thing}: ${aspect}`);
      assert.deepEqual(await differences(), []);
      const admin = async (sql: string, database = "postgres"): Promise<void> => {
        const client = ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql];
        assert.equal((await run(container, ...client)).code, 0);
      };
      await admin("GRANT CONNECT ON DATABASE shop TO PUBLIC");
      await admin("GRANT shop TO cms_00000002");
      await admin('DROP EXTENSION "uuid-ossp" CASCADE', "shop");
      assert.deepEqual(await differences(), [
        "database shop: access",
        "database shop: members",
        "extension uuid-ossp of shop: presence",
      ]);
      assert.equal((await host("database_login", "apply", SHOP())).refused, undefined);
      assert.deepEqual(await differences(), []);
      assert.match((await cms("TABLE t", "shop")).out, /permission denied for database "shop"/);
      assert.match((await shop("SELECT word FROM t")).out, /secret/);
    });

    it("get another login with another password, and keep their data when the old one goes", async () => {
      const fresh = spec("shop", "another", "00000009", []);
      assert.equal((await host("database_login", "apply", fresh)).refused, undefined);
      assert.equal((await shop("SELECT word FROM t")).out, "secret");
      assert.equal((await host("database_login", "remove", SHOP())).refused, undefined);
      assert.match((await shop("SELECT 1")).out, /authentication failed/);
      assert.equal((await as("shop_00000009", "another", "shop", "SELECT word FROM t")).out, "secret");
      assert.equal(
        (await host("database_login", "remove", spec("gone", "x", "00000001", []))).refused,
        undefined,
      );
    });
  });
});
