import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type Docker from "dockerode";
import { execa } from "execa";
import type { Move } from "../../automation/import/data.ts";
import { importedFrom } from "../automation/import/support.ts";
import { cleanUp, docker, onEngine, PREFIX, published, run, start, until } from "./support.ts";

/** Programs in front of those of this machine: one engine is both servers here, and Compose's containers have known names. */
const PROGRAMS: Readonly<Record<string, string>> = {
  // As ssh(1) does it: the words are joined, and a shell over there reads them.
  ssh: 'while [ "$1" != "${1#-}" ]; do shift 2; done; shift; exec sh -c "$*"',
  npx: 'printf "%s\\n" "new password"',
  docker: `
if [ "$1" != compose ]; then exec /usr/bin/docker "$@"; fi
verb=$2; shift 2
if [ "$verb" = cp ]; then exec /usr/bin/docker cp "${PREFIX}-old-$1" "$2"; fi
[ "$verb $1" = "exec -T" ] || exit 64
shift
if [ "$1" = -e ]; then name=$(echo "$2" | sed "s/=PASSWORD/=old password/"); shift 2; else name=NOTHING=; fi
service=$1; shift
exec /usr/bin/docker exec -i -e "$name" "${PREFIX}-old-$service" "$@"`,
};

const SQL = `
CREATE EXTENSION pg_trgm; CREATE EXTENSION hstore;
COMMENT ON EXTENSION pg_trgm IS 'mine';
CREATE ROLE reader; ALTER SCHEMA public OWNER TO editor; GRANT USAGE ON SCHEMA public TO reader;
SET ROLE editor;
CREATE TYPE mood AS ENUM ('glad', 'sad');
CREATE TABLE posts (id serial PRIMARY KEY, title text, mood mood, tags hstore);
COMMENT ON TABLE posts IS 'what is read';
CREATE INDEX ON posts USING gin (title gin_trgm_ops);
CREATE TABLE notes (id uuid DEFAULT gen_random_uuid() PRIMARY KEY, post int REFERENCES posts, at timestamptz DEFAULT now());
INSERT INTO posts (title, mood, tags) SELECT 'title ' || i, 'glad', 'a=>1' FROM generate_series(1, 1000) i;
INSERT INTO notes (post) SELECT id FROM posts;
CREATE VIEW glad AS SELECT * FROM posts WHERE mood = 'glad';
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM glad;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.title := NEW.title; RETURN NEW; END';
CREATE TRIGGER touching BEFORE UPDATE ON posts FOR EACH ROW EXECUTE FUNCTION touch();
CREATE SCHEMA archive; CREATE TABLE archive.old (a int); INSERT INTO archive.old VALUES (7);
GRANT SELECT ON posts TO reader;
SELECT lo_from_bytea(4711, 'large');
`;

onEngine("data that an import brings over", function () {
  this.timeout(120_000);
  let folder: string;
  let images: Record<string, string>;
  let moves: Move[];

  before(async function () {
    this.timeout(300_000);
    images = await published(["postgres", "redis"]);
    folder = mkdtempSync(join(tmpdir(), "import-data-"));
    for (const [name, text] of Object.entries(PROGRAMS)) {
      mkdirSync(join(folder, "bin"), { recursive: true });
      writeFileSync(join(folder, "bin", name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(folder, "bin", name), 0o755);
    }
    moves = importedFrom(
      {
        name: PREFIX,
        services: {
          app: {
            image: "me/app:1",
            ports: ["80"],
            environment: {
              DATABASE_URL: "postgres://editor:secret@db/content",
              REDIS_URL: "redis://:old@cache",
            },
            volumes: ["uploads:/data"],
          },
          db: {
            image: "postgres:15",
            environment: { POSTGRES_USER: "editor", POSTGRES_PASSWORD: "secret", POSTGRES_DB: "content" },
          },
          cache: { image: "redis:7", command: "redis-server --requirepass old" },
        },
      },
      { domain: "shop.example" },
    ).moves;
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await cleanUp();
  });

  const move = (start: string): Move => moves.find(({ what }) => what.startsWith(start))!;

  /** Types a command line as a person does, in an empty folder; again until it succeeds where the note says to wait. */
  async function type(line: string, { again = false } = {}): Promise<void> {
    const env = { PATH: `${join(folder, "bin")}:${process.env.PATH ?? ""}` };
    for (let left = again ? 50 : 0; ; left--) {
      const { exitCode, all } = await execa("sh", ["-c", line], {
        cwd: folder,
        env,
        all: true,
        reject: false,
      });
      if (exitCode === 0) return;
      if (left === 0) assert.fail(`${line}\n${all}`);
      await new Promise((done) => setTimeout(done, 100));
    }
  }

  const typeAll = async ({ commands }: Move): Promise<void> => {
    for (const line of commands) await type(line, { again: line.includes("| grep") });
  };

  async function named(container: Docker.Container, name: string): Promise<Docker.Container> {
    await container.rename({ name });
    return container;
  }

  const postgres = async (name: string, env: string[] = []): Promise<Docker.Container> => {
    const container = await start({
      image: images.postgres!,
      user: "postgres",
      tmpfs: ["/tmp", "/var/run/postgresql"],
      volumes: { "/var/lib/postgresql/data": `${name}-data` },
      env: ["POSTGRES_HOST_AUTH_METHOD=trust", ...env],
    });
    await named(container, name);
    await until(container, 60, "psql", "-h", "127.0.0.1", "-U", "postgres", "-c", "SELECT 1");
    return container;
  };

  it("is the database, with all that it holds, owned by the application's role; also a second time", async () => {
    const old = await postgres(`${PREFIX}-old-db`);
    const sql = async (container: Docker.Container, database: string, text: string): Promise<string> => {
      const client = ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-U", "postgres", "-d", database, "-c", text];
      const { code, out } = await run(container, ...client);
      assert.equal(code, 0, out);
      return out;
    };
    await sql(old, "postgres", "CREATE ROLE editor SUPERUSER LOGIN");
    await sql(old, "postgres", "CREATE DATABASE content OWNER editor");
    await sql(old, "content", SQL);
    const fresh = await postgres(`${PREFIX}_postgres`);
    await sql(fresh, "postgres", "CREATE ROLE content NOLOGIN");
    await sql(fresh, "postgres", "CREATE DATABASE content OWNER content TEMPLATE template0");
    // What the first release of the application has made already.
    await sql(fresh, "content", "SET ROLE content; CREATE TABLE posts (id serial PRIMARY KEY, other text)");
    for (const _time of ["first", "second"]) {
      await typeAll(move("Postgres content"));
      assert.equal(await sql(fresh, "content", "SET ROLE content; SELECT count(*) FROM glad"), "1000");
      assert.equal(await sql(fresh, "content", "SET ROLE content; SELECT count(*) FROM notes"), "1000");
      assert.equal(await sql(fresh, "content", "SET ROLE content; SELECT a FROM archive.old"), "7");
      assert.equal(await sql(fresh, "content", "SET ROLE content; SELECT lo_get(4711)"), "\\x6c61726765");
      await sql(fresh, "content", "SET ROLE content; INSERT INTO posts (title) VALUES ('next')");
      assert.equal(await sql(fresh, "content", "SELECT obj_description('posts'::regclass)"), "what is read");
      const owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'archive')";
      assert.equal(await sql(fresh, "content", owners), "content");
    }
  });

  it("is what Redis keeps, with types, times to live and databases", async () => {
    const redis = async (name: string): Promise<Docker.Container> => {
      const container = await start({
        image: images.redis!,
        user: "redis",
        tmpfs: ["/tmp"],
        volumes: { "/data": `${name}-data` },
        command: ["redis-server", "--dir", "/data", "--save", ""],
      });
      await named(container, name);
      await until(container, 30, "redis-cli", "ping");
      return container;
    };
    const cli = async (container: Docker.Container, password: string, ...words: string[]): Promise<string> =>
      (await run(container, "env", `REDISCLI_AUTH=${password}`, "redis-cli", ...words)).out;
    const old = await redis(`${PREFIX}-old-cache`);
    await cli(old, "", "config", "set", "requirepass", "old password");
    const before = (...words: string[]): Promise<string> => cli(old, "old password", ...words);
    await before("set", "word", "a b\r\nc", "EX", "1000");
    await before("rpush", "queue", "1", "2", "3");
    await before("hset", "map", "a", "1");
    await before("zadd", "sorted", "1.5", "a");
    await before("xadd", "stream", "1-1", "a", "b");
    await before("xgroup", "create", "stream", "group", "0");
    await before("-n", "1", "sadd", "set", "x");
    const fresh = await redis(`${PREFIX}_redis`);
    const rights = "~* &* +@all -@admin -@dangerous +info +keys +flushdb".split(" ");
    await cli(fresh, "", "acl", "setuser", "default", "on", "resetpass", ">new password", ...rights);
    const after = (...words: string[]): Promise<string> => cli(fresh, "new password", ...words);
    await typeAll(move("Redis"));
    assert.equal(await after("get", "word"), "a b\r\nc");
    assert.ok(Number(await after("ttl", "word")) > 900);
    assert.equal(await after("lrange", "queue", "0", "-1"), "1\n2\n3");
    assert.equal(await after("hget", "map", "a"), "1");
    assert.equal(await after("zscore", "sorted", "a"), "1.5");
    assert.match(await after("xinfo", "groups", "stream"), /^name\ngroup/);
    assert.equal(await after("-n", "1", "smembers", "set"), "x");
  });

  it("is a volume, of a container that has stopped, with owners by number, permissions and links", async () => {
    const place = `${PREFIX}_app_uploads`;
    await docker.createVolume({ Name: place });
    const tool = async (name: string, volume: string, script: string): Promise<string> => {
      const container = await docker.createContainer({
        name,
        Image: images.postgres!,
        User: "0",
        Entrypoint: ["sh", "-c", script],
        HostConfig: { Binds: [`${volume}:/data`] },
      });
      await container.start();
      await container.wait();
      const bytes = await container.logs({ stdout: true, stderr: true });
      return bytes.toString("utf8").replaceAll(/[^\n -~]/g, "");
    };
    await tool(
      `${PREFIX}-old-app`,
      `${PREFIX}-uploads`,
      "cd /data; mkdir -p a; echo hello > a/file; ln -s a/file link; chown -h 70:33 link; chown 70:33 a/file; chown 1234:5678 a .; chmod 640 a/file; chmod 2750 a; echo x > .hidden",
    );
    await typeAll(move("Volume uploads"));
    const listed = await tool(
      `${PREFIX}-look`,
      place,
      "cd /data; stat -c '%a %u:%g %N' . a a/file link; cat a/file .hidden",
    );
    for (const row of [
      "1234:5678 '.'",
      "2750 1234:5678 'a'",
      "640 70:33 'a/file'",
      "70:33 'link' -> 'a/file'",
      "hello",
      "x",
    ])
      assert.ok(listed.includes(row), `${row}\n${listed}`);
  });
});
