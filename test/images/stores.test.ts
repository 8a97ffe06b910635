import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanUp, docker, log, onEngine, PREFIX, published, run, start, until } from "./support.ts";

onEngine("images of the stores, hardened", function () {
  this.timeout(60_000);
  let images: Record<string, string>;
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    images = await published(["postgres", "redis"]);
    folder = mkdtempSync(join(tmpdir(), "stores-"));
    chmodSync(folder, 0o755);
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await cleanUp();
  });

  describe("postgres", () => {
    const data = "/var/lib/postgresql/data";
    const common = () => ({
      image: images.postgres!,
      user: "postgres",
      tmpfs: ["/tmp", "/var/run/postgresql"],
    });
    const PASSWORD = `p'w "x$ü`;

    it("makes the database of its variables, runs the scripts, and asks for the password", async () => {
      writeFileSync(join(folder, "password"), `${PASSWORD}\n`);
      writeFileSync(join(folder, "1.sql"), "CREATE TABLE t (a int); INSERT INTO t VALUES (7);");
      const script =
        '#!/bin/sh\nexec psql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "UPDATE t SET a = a + 1"\n';
      writeFileSync(join(folder, "2.sh"), script, { mode: 0o755 });
      const container = await start({
        ...common(),
        command: ["-c", "shared_buffers=24MB"],
        env: [
          "POSTGRES_USER=own-er",
          "POSTGRES_DB=my data",
          "POSTGRES_PASSWORD_FILE=/run/secrets/password",
          "POSTGRES_INITDB_ARGS=--data-checksums --encoding=UTF8",
        ],
        volumes: { [data]: `${PREFIX}-postgres` },
        files: {
          "/run/secrets/password": join(folder, "password"),
          "/docker-entrypoint-initdb.d/1.sql": join(folder, "1.sql"),
          "/docker-entrypoint-initdb.d/2.sh": join(folder, "2.sh"),
        },
      });
      await until(container, 30, "pg_isready", "-h", "127.0.0.1", "-U", "own-er");
      const ask = (sql: string) =>
        run(container, "psql", "-U", "own-er", "-d", "my data", "-At", "-c", sql).then(({ out }) => out);
      assert.equal(await ask("TABLE t"), "8");
      assert.equal(await ask("SHOW data_checksums"), "on");
      assert.equal(await ask("SHOW shared_buffers"), "24MB");
      assert.match(await ask("SHOW server_version"), /^15\./);
      const address = (await container.inspect()).NetworkSettings.Networks.bridge!.IPAddress;
      const login = (password: string) =>
        run(
          container,
          "env",
          `PGPASSWORD=${password}`,
          "psql",
          "-h",
          address,
          "-U",
          "own-er",
          "-d",
          "my data",
        );
      assert.equal((await login(PASSWORD)).code, 0);
      assert.match((await login("wrong")).out, /password authentication failed/);
      assert.doesNotMatch(await log(container), /p'w/);
      assert.equal((await run(container, "id", "-u")).out, "70");
    });

    it("stops at once and keeps its data", async () => {
      const volume = `${PREFIX}-kept`;
      const env = ["POSTGRES_HOST_AUTH_METHOD=trust"];
      const first = await start({ ...common(), env, volumes: { [data]: volume } });
      await until(first, 30, "psql", "-h", "127.0.0.1", "-U", "postgres", "-c", "CREATE TABLE kept (a int)");
      await first.stop({ t: 20 });
      assert.equal((await first.inspect()).State.ExitCode, 0);
      const second = await start({ ...common(), env: [], volumes: { [data]: volume } });
      await until(second, 30, "psql", "-h", "127.0.0.1", "-U", "postgres", "-c", "TABLE kept");
    });

    it("starts over when its first start was killed half way", async () => {
      const volume = `${PREFIX}-killed`;
      writeFileSync(join(folder, "slow.sql"), "CREATE TABLE once (a int); SELECT pg_sleep(60);");
      const env = ["POSTGRES_PASSWORD=x"];
      const files = { "/docker-entrypoint-initdb.d/slow.sql": join(folder, "slow.sql") };
      const killed = await start({ ...common(), env, files, volumes: { [data]: volume } });
      for (
        let tries = 0;
        !/running \/docker-entrypoint-initdb.d\/slow.sql/.test(await log(killed));
        tries++
      ) {
        assert.ok(tries < 200, await log(killed));
        assert.notEqual((await run(killed, "pg_isready")).code, 0, "looks ready before it is");
        await sleep(100);
      }
      await killed.kill();
      const again = await start({ ...common(), env, volumes: { [data]: volume } });
      const command = [
        "psql",
        "-h",
        "127.0.0.1",
        "-U",
        "postgres",
        "-At",
        "-c",
        "SELECT to_regclass('once') IS NULL",
      ];
      assert.equal(await until(again, 30, "env", "PGPASSWORD=x", ...command), "t");
    });

    it("refuses to start without a password, and says which variable is missing", async () => {
      const container = await start({ ...common(), volumes: { [data]: `${PREFIX}-open` } });
      assert.equal((await container.wait()).StatusCode, 1);
      assert.match(await log(container), /set POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE/);
    });

    it("leaves a folder alone that holds something else", async () => {
      const volume = `${PREFIX}-foreign`;
      const filler = await start({
        ...common(),
        command: ["sh", "-c", `echo x > ${data}/precious`],
        volumes: { [data]: volume },
      });
      await filler.wait();
      const container = await start({
        ...common(),
        env: ["POSTGRES_PASSWORD=x"],
        volumes: { [data]: volume },
      });
      assert.equal((await container.wait()).StatusCode, 1);
      assert.match(await log(container), /holds .*precious but no PG_VERSION/);
    });

    it("hands the folder over and drops root when it is started as root", async () => {
      const container = await docker.createContainer({
        name: `${PREFIX}-root`,
        Image: images.postgres,
        Env: ["POSTGRES_PASSWORD=x"],
      });
      await container.start();
      await until(container, 30, "pg_isready", "-h", "127.0.0.1");
      assert.match((await run(container, "grep", "^Uid:", "/proc/1/status")).out, /^Uid:\s+70\s+70/);
    });
  });

  describe("redis", () => {
    const common = () => ({ image: images.redis!, user: "redis", volumes: { "/data": `${PREFIX}-redis` } });

    it("keeps its data in its append-only file", async () => {
      writeFileSync(join(folder, "redis.conf"), "appendonly yes\nappendfsync always\nrequirepass secret\n");
      const files = { "/usr/local/etc/redis/redis.conf": join(folder, "redis.conf") };
      const command = ["redis-server", "/usr/local/etc/redis/redis.conf"];
      const cli = ["env", "REDISCLI_AUTH=secret", "redis-cli"];
      const first = await start({ ...common(), files, command });
      assert.equal(await until(first, 10, ...cli, "set", "a", "1"), "OK");
      assert.match((await run(first, "redis-cli", "get", "a")).out, /NOAUTH/);
      assert.match((await run(first, ...cli, "info", "server")).out, /redis_version:7\.0\./);
      assert.equal((await run(first, "id", "-u")).out, "999");
      await first.kill();
      const second = await start({ ...common(), files, command: [command[1]!] });
      await until(second, 10, ...cli, "ping");
      assert.equal((await run(second, ...cli, "get", "a")).out, "1");
      await second.stop({ t: 10 });
      assert.equal((await second.inspect()).State.ExitCode, 0);
    });

    it("answers other containers when it is given no settings", async () => {
      const container = await start(common());
      await until(container, 10, "redis-cli", "ping");
      const address = (await container.inspect()).NetworkSettings.Networks.bridge!.IPAddress;
      const other = await start({ ...common(), command: ["redis-cli", "-h", address, "ping"] });
      assert.equal((await other.wait()).StatusCode, 0);
      assert.match(await log(other), /PONG/);
    });
  });
});
