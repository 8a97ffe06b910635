import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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
      closed: ["postgres", "template1"],
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

    it("are all that a login can connect to: not what Postgres has for itself, which its tools still can", async () => {
      for (const database of ["postgres", "template1"])
        for (const login of [
          shop("SELECT 1", database),
          as("system_00000003", PASSWORDS.all, database, "SELECT 1"),
        ])
          assert.match((await login).out, new RegExp(`permission denied for database "${database}"`));
      assert.equal(
        (await run(container, "pg_isready", "-h", "127.0.0.1", "-U", "shop", "-d", "shop")).code,
        0,
      );
      assert.equal((await run(container, "createdb", "fresh")).code, 0, "a copy of template1");
      assert.equal((await run(container, "dropdb", "fresh")).code, 0);
      assert.match((await run(container, "pg_dumpall")).out, /CREATE DATABASE shop/);
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
      await admin("GRANT CONNECT ON DATABASE template1 TO PUBLIC");
      await admin("GRANT shop TO cms_00000002");
      await admin('DROP EXTENSION "uuid-ossp" CASCADE', "shop");
      assert.deepEqual(await differences(), [
        "database template1: access",
        "database shop: access",
        "database shop: members",
        "extension uuid-ossp of shop: presence",
      ]);
      assert.equal((await host("database_login", "apply", SHOP())).refused, undefined);
      assert.deepEqual(await differences(), []);
      assert.match((await cms("TABLE t", "shop")).out, /permission denied for database "shop"/);
      assert.match((await shop("SELECT word FROM t")).out, /secret/);
    });

    it("take over what an application had in the shared one, as the documentation says", async () => {
      const before = "CREATE TABLE posts (word citext); INSERT INTO posts VALUES ('kept')";
      const extension = ["psql", "-Xqd", "system", "-c", "CREATE EXTENSION citext"];
      assert.equal((await run(container, ...extension)).code, 0);
      assert.equal((await as("system_00000003", PASSWORDS.all, "system", before)).code, 0);
      const block = /^```sh\n(docker exec[^`]*CREATE DATABASE[^`]*)```/m.exec(
        readFileSync("docs/server.md", "utf8"),
      );
      const typed = block![1]!
        .split("\n")
        .filter((line) => line.startsWith("docker exec"))
        .join("\n")
        .replaceAll("NAME_postgres", name)
        .replace(" OLD ", " system ")
        .replaceAll("NEW", "moved");
      await execa("bash", ["-euc", typed], { cwd: folder });
      assert.equal(
        (await host("database_login", "apply", spec("moved", "m", "00000005", []))).refused,
        undefined,
      );
      const moved = (sql: string) => as("moved_00000005", "m", "moved", sql);
      assert.equal((await moved("SELECT word FROM posts WHERE word = 'KEPT'")).out, "kept");
      assert.equal((await moved("ALTER TABLE posts ADD further int; DROP TABLE posts")).code, 0, "its owner");
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

  describe("caches", () => {
    let container: Docker.Container;
    let name: string;
    const spec = (app: string, fingerprint = "f1", password = `of ${app}`): object => ({
      directory: join(folder, "cache"),
      container: name,
      fingerprint,
      password,
      user: `app-${app}`,
      prefix: `${app}:`,
      policy: "noeviction",
    });
    const shared = (): object => ({
      directory: join(folder, "cache"),
      container: name,
      fingerprint: "f0",
      password: "of all",
    });
    /** What an application gets as an answer. */
    const as = async (user: string, password: string, ...words: string[]): Promise<string> => {
      const client = ["env", `REDISCLI_AUTH=${password}`, "redis-cli", "--no-auth-warning", "--user", user];
      return (await run(container, ...client.concat(words))).out;
    };
    const shop = (...words: string[]) => as("app-shop", "of shop", ...words);
    const cms = (...words: string[]) => as("app-cms", "of cms", ...words);

    before(async () => {
      const conf = join(folder, "cache", "conf");
      mkdirSync(conf, { recursive: true, mode: 0o755 });
      name = `${PREFIX}-none`;
      assert.equal((await host("cache_password", "apply", shared())).refused, undefined);
      writeFileSync(join(conf, "redis.conf"), "aclfile /conf/users.acl\nprotected-mode no\n");
      container = await start({
        image: images.redis!,
        user: "redis",
        command: ["redis-server", "/conf/redis.conf"],
        volumes: { "/data": `${PREFIX}-cache` },
        files: { "/conf": conf },
      });
      await until(container, 10, "redis-cli", "--user", "health", "--pass", "health", "ping");
      name = (await container.inspect()).Name.slice(1);
      const made = await Promise.all(["shop", "cms"].map((app) => host("cache_user", "apply", spec(app))));
      assert.deepEqual(
        made.map(({ refused }) => refused),
        [undefined, undefined],
      );
    });

    it("keep the keys and channels of each application to itself", async () => {
      assert.equal(await shop("SET", "shop:a", "secret"), "OK");
      assert.equal(await shop("GET", "shop:a"), "secret");
      assert.equal(await shop("EVAL", "return redis.call('GET', KEYS[1])", "1", "shop:a"), "secret");
      for (const words of [
        ["GET", "shop:a"],
        ["EVAL", "return redis.call('GET', 'shop:a')", "0"],
        ["KEYS", "*"],
        ["SCAN", "0"],
        ["RANDOMKEY"],
        ["SELECT", "1"],
        ["FLUSHALL"],
        ["FLUSHDB"],
        ["ACL", "LIST"],
        ["SUBSCRIBE", "shop:news"],
        ["PUBLISH", "shop:news", "x"],
        ["PUBSUB", "CHANNELS"],
        ["COPY", "shop:a", "cms:a"],
        ["MIGRATE", "h", "1", "shop:a", "0", "1"],
        ["CONFIG", "GET", "*"],
      ])
        assert.match(await cms(...words), /NOPERM|permissions|can't access/i, words.join(" "));
      assert.equal(await cms("SET", "cms:a", "1"), "OK");
      for (const words of [
        ["GET", "cms:a"],
        ["SET", "cms:a", "x"],
        ["DEL", "cms:a"],
        ["MGET", "shop:a", "cms:a"],
        ["RENAME", "shop:a", "cms:b"],
        ["SORT", "shop:a", "GET", "cms:*"],
        ["OBJECT", "ENCODING", "cms:a"],
        ["PSUBSCRIBE", "*"],
        ["MONITOR"],
      ])
        assert.match(await shop(...words), /NOPERM|permissions|denied/i, words.join(" "));
      assert.equal(await cms("GET", "cms:a"), "1");
      assert.match(await as("app-shop", "of cms", "GET", "shop:a"), /WRONGPASS|NOAUTH/);
    });

    it("accept an old and a new password for a while, and end nobody's connection", async () => {
      const id = await shop("CLIENT", "ID");
      assert.match(id, /^\d+$/);
      const waiting = shop("BLPOP", "shop:list", "20");
      const there = async (): Promise<string> => as("fairlead", admin(), "CLIENT", "LIST");
      while (!/user=app-shop/.test(await there())) await sleep(50);
      const fresh = spec("shop", "f2", "new");
      assert.equal((await host("cache_user", "apply", fresh)).refused, undefined);
      assert.equal((await host("cache_password", "apply", shared())).refused, undefined);
      assert.equal(await as("app-shop", "new", "RPUSH", "shop:list", "x"), "1");
      assert.match(await waiting, /shop:list\s+x/);
      assert.equal((await host("cache_user", "remove", spec("shop"))).refused, undefined);
      assert.match(await shop("GET", "shop:a"), /WRONGPASS|NOAUTH/);
      assert.equal(await as("app-shop", "new", "GET", "shop:a"), "secret");
    });

    it("are as declared, in the running Redis and after its restart, with the declared policy", async () => {
      const fresh = spec("shop", "f2", "new");
      const look = async (noun: string, one: object) =>
        (JSON.parse((await host(noun, "look", one)).out) as { thing: string }[]).map(({ thing }) => thing);
      const all = async () => [
        ...(await look("cache_user", fresh)),
        ...(await look("cache_password", shared())),
      ];
      assert.deepEqual(await all(), []);
      await as("fairlead", admin(), "CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
      await as("fairlead", admin(), "ACL", "DELUSER", "app-shop");
      assert.deepEqual(await all(), ["cache user app-shop", "cache", "cache"]);
      assert.equal((await host("cache_user", "apply", fresh)).refused, undefined);
      assert.deepEqual(await all(), []);
      await container.restart();
      await until(container, 10, "redis-cli", "--user", "health", "--pass", "health", "ping");
      assert.deepEqual(await look("cache_password", shared()), []);
      assert.equal(await as("default", "of all", "GET", "none"), "");
    });

    it("keep the user of the release that serves, whichever way an update goes and whichever password is new", async () => {
      const [one, two] = [spec("roll", "r1", "first"), spec("roll", "r2", "second")];
      const calls = async (...pairs: [verb: string, one: object][]): Promise<void> => {
        for (const [verb, given] of pairs)
          assert.equal((await host("cache_user", verb, given)).refused, undefined);
      };
      const answer = (password: string) => as("app-roll", password, "INCR", "roll:n");
      // A new password; an update that fails, taken back; one that went through, and the release of before put back.
      await calls(["apply", one], ["apply", two]);
      assert.deepEqual([await answer("first"), await answer("second")], ["1", "2"]);
      await calls(["apply", one], ["remove", two]);
      assert.equal(await answer("first"), "3");
      assert.match(await answer("second"), /WRONGPASS|NOAUTH/);
      await calls(["apply", two], ["remove", one], ["apply", one], ["remove", two]);
      assert.equal(await answer("first"), "4");
      await container.restart();
      await until(container, 10, "redis-cli", "--user", "health", "--pass", "health", "ping");
      assert.equal(await answer("first"), "5");
      await calls(["remove", one]);
    });

    it("reach the keys of an old and a new prefix while releases change, and then those of the new one", async () => {
      const old = spec("pre", "p1", "first");
      const fresh = { ...spec("pre", "p2", "second"), prefix: "p:" };
      for (const one of [old, fresh])
        assert.equal((await host("cache_user", "apply", one)).refused, undefined);
      for (const [password, key] of [
        ["first", "pre:a"],
        ["second", "p:a"],
      ] as const)
        assert.equal(await as("app-pre", password, "SET", key, "x"), "OK", key);
      assert.equal((await host("cache_user", "remove", old)).refused, undefined);
      assert.match(await as("app-pre", "second", "GET", "pre:a"), /NOPERM|permissions/);
      assert.equal(await as("app-pre", "second", "GET", "p:a"), "x");
      assert.equal((await host("cache_user", "remove", fresh)).refused, undefined);
    });

    it("are reached by an address that names the shared user: an empty name is refused by Redis", async () => {
      const ask = async (user: string): Promise<string> =>
        (await run(container, "redis-cli", "-u", `redis://${user}:of%20all@127.0.0.1:6379/0`, "PING")).out;
      assert.match(await ask("default"), /PONG/);
      assert.match(await ask(""), /WRONGPASS/);
    });

    const admin = (): string => readFileSync(join(folder, "cache", "admin"), "utf8");
  });
});
