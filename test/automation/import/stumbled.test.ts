import assert from "node:assert/strict";
import type { Conversion } from "../../../automation/import/convert.ts";
import { at, importedFrom } from "./support.ts";

describe("an import of what others have stumbled over", () => {
  const image = "me/app:1";
  const { settings, notes } = importedFrom(
    {
      services: {
        app: {
          image,
          ports: ["8080:8080"],
          environment: {
            REDIS_HOST: "redis",
            APP_REDIS_PASSWORD: "old-one",
            BASE_URL: "https://old.example",
            CORS: "http://localhost:3000,https://www.old.example",
            PARTNER: "https://notold.example",
          },
          healthcheck: { test: "curl -f http://localhost:8080/ok", start_period: "5m" },
        },
        migrate: { image, restart: "no", command: "migrate up", environment: { REDIS_HOST: "redis" } },
        redis: {
          image: "redis:7",
          command: ["sh", "-c", "redis-server --requirepass $$APP_REDIS_PASSWORD"],
          environment: { APP_REDIS_PASSWORD: "old-one" },
        },
      },
    },
    { domain: "new.example" },
  );
  const app = at(settings, "apps.app");

  it("runs once for a release what isn't restarted, also where nobody waits for it", () => {
    assert.equal(at(app, "processes"), undefined);
    assert.deepEqual(at(app, "release.command"), ["migrate", "up"]);
  });

  it("puts the cache's password in place of the old one, also where a shell filled it in", () => {
    assert.equal(at(app, "environment.APP_REDIS_PASSWORD"), "{{cache.password}}");
    assert.doesNotMatch(JSON.stringify(settings), /old-one/);
    assert.deepEqual(at(app, "needs"), ["cache"]);
    assert.equal(at(app, "cache"), undefined, "a user of its own would see no key without a prefix");
  });

  it("gives a release as long as the old check waited for", () =>
    assert.equal(at(app, "health.within"), "300 s"));

  it("says where an application is told another address than the stack's", () => {
    const hinted = notes.filter(({ text }) => text.includes("another address than the stack's, new.example"));
    assert.deepEqual(
      hinted.map(({ key }) => key),
      ["environment: BASE_URL", "environment: CORS"],
    );
  });
});

describe("an import of one service with", () => {
  const app = (own: object, others: object = {}): Conversion =>
    importedFrom({ services: { app: { image: "me/app:1", ports: ["80"], ...own }, ...others } });
  const setting = (path: string, own: object): unknown => at(app(own).settings, `apps.app.${path}`);
  const says = (pattern: RegExp, { notes }: Conversion): boolean =>
    notes.some(({ text }) => pattern.test(text));

  it("a registry of this machine is told that the server has none there", () => {
    for (const image of ["127.0.0.1:5000/me/app:1", "localhost:5000/me/app:1"])
      assert.ok(says(/server finds no registry of this machine/, app({ image })));
    assert.ok(!says(/finds no registry/, app({ image: "registry.example:5000/me/app:1" })));
  });

  it("a worker's start period gives the worker that time to become healthy", () => {
    const worker = {
      image: "me/app:1",
      command: "work",
      healthcheck: { test: ["CMD", "ok"], start_period: "3m" },
    };
    const { settings, notes } = app({}, { worker });
    assert.deepEqual(at(settings, "apps.app.processes.worker.health"), { command: ["ok"], within: "180 s" });
    assert.ok(!notes.some(({ text }) => text.startsWith("Left out")));
  });

  it("a label for autoheal is restarted by the server, and a check's own Host header is sent", () => {
    const healthcheck = { test: "curl -fH 'Host: shop.example' http://localhost/up" };
    assert.deepEqual(setting("health", { labels: ["autoheal=true"], healthcheck }), {
      path: "/up",
      live: "/up",
      host: "shop.example",
    });
    assert.equal(setting("health.live", { healthcheck }), undefined);
  });

  it("folders in memory keeps their sizes, programs and permissions", () => {
    const tmpfs = ["/run:size=16m,mode=755", "/tmp:exec,size=64m,mode=1777", "/cache"];
    assert.deepEqual(setting("tmpfs", { tmpfs }), {
      "/run": { size: "16 MB", mode: "0755" },
      "/tmp": { size: "64 MB", exec: true },
      "/cache": "64 MB",
    });
  });

  it("a volume that it only reads reads it only, unless a process of the application writes it", () => {
    const volumes = ["data:/data:ro"];
    assert.deepEqual(setting("volumes", { volumes }), { data: { path: "/data", readOnly: true } });
    const worker = { image: "me/app:1", command: "work", volumes: ["data:/data"] };
    assert.deepEqual(at(app({ volumes }, { worker }).settings, "apps.app.volumes"), {
      data: { path: "/data" },
    });
  });

  it("no word on capabilities is told what Docker gave it, and the host's master is left out", () => {
    assert.ok(says(/Docker gives every container fourteen/, app({})));
    assert.ok(!says(/fourteen/, app({ cap_drop: ["ALL"], cap_add: ["CHOWN"] })));
    assert.ok(!says(/fourteen/, app({ user: "1000:1000" })));
    assert.ok(says(/as good as root/, app({ cap_add: ["CAP_SYS_ADMIN"] })));
    assert.equal(setting("capabilities", { cap_add: ["CAP_SYS_ADMIN"] }), undefined);
  });

  it("a PostGIS is told that the stack's Postgres has none", () => {
    const database = { image: "postgis/postgis:16-3.4", environment: { POSTGRES_PASSWORD: "p" } };
    const found = app({ environment: { DB_HOST: "database" } }, { database });
    assert.ok(says(/has no postgis/, found));
    assert.deepEqual(at(found.settings, "apps.app.database"), { name: "app" }, "postgres is Postgres's own");
    assert.match(
      found.moves[0]!.commands.join("\n"),
      /--username=postgres postgres >[^]*--role=app --dbname=app /,
    );
  });

  it("the database of another one shares the stack's", () => {
    const environment = { DATABASE_URL: "postgres://u:p@db/both" };
    const db = {
      image: "postgres:15",
      environment: { POSTGRES_USER: "u", POSTGRES_PASSWORD: "p", POSTGRES_DB: "both" },
    };
    const { settings, lacking, moves } = app(
      { environment },
      { db, other: { image: "me/other:1", ports: ["81"], environment } },
    );
    for (const name of ["app", "other"]) {
      assert.equal(at(settings, `apps.${name}.database`), undefined);
      assert.deepEqual(at(settings, `apps.${name}.needs`), ["database"]);
      assert.equal(at(settings, `apps.${name}.environment.DATABASE_URL`), "{{database.url}}");
    }
    assert.deepEqual(settings.database, { name: "both", owner: "both" });
    assert.match(moves[0]!.commands[1]!, /--role=both --dbname=both/);
    assert.deepEqual(lacking, []);
  });

  it("a process that is restarted on failures only keeps it, unless that looks like a migration", () => {
    const own = (command: string, more: object): Conversion =>
      app({}, { second: { image: "me/app:1", command, ...more } });
    const isRelease = (command: string, more: object): boolean =>
      at(own(command, more).settings, "apps.app.release.command") !== undefined;
    assert.ok(!isRelease("celery worker", { restart: "on-failure:3" }));
    assert.ok(isRelease("celery worker", { restart: "no" }));
    assert.ok(isRelease("rails db:prepare", { restart: "on-failure" }));
    assert.ok(isRelease("bin/tidy", { deploy: { restart_policy: { condition: "none" } } }));
    assert.ok(!isRelease("bin/migrate", { restart: "always" }));
  });

  it("another name than its application's is called by that", () => {
    const environment = {
      API_URL: "http://user:pass@my_api:3000/v1?next=my_api",
      API_HOST: "my_api",
      UPSTREAM: "shop-api:3000",
      BOTH: "http://my_api:1,http://my_api:2",
      WORD: "my_api",
      LONGER: "http://my_api_2/ http://not_my_api/",
    };
    const my_api = { image: "me/api:1", expose: ["3000"], container_name: "shop-api" };
    const { settings, notes, secrets } = app({ environment }, { my_api });
    assert.deepEqual(at(settings, "apps.app.environment"), {
      API_HOST: "my-api",
      UPSTREAM: "my-api:3000",
      BOTH: "http://my-api:1,http://my-api:2",
      WORD: "my_api",
      LONGER: "http://my_api_2/ http://not_my_api/",
    });
    assert.deepEqual(secrets.known(), { API_URL: "http://user:pass@my-api:3000/v1?next=my_api" });
    const said = notes.filter(({ text }) => text.startsWith("It calls an application")).map(({ key }) => key);
    assert.deepEqual(
      said,
      ["API_URL", "API_HOST", "UPSTREAM", "BOTH"].map((name) => `environment: ${name}`),
    );
  });

  it("a newer Postgres gets one that can read its dumps", () => {
    const version = (image: string): unknown =>
      app({}, { db: { image, environment: { POSTGRES_PASSWORD: "p" } } }).settings.versions;
    for (const image of [
      "postgres:17.2-bookworm",
      "pgvector/pgvector:pg17",
      "timescale/timescaledb:latest-pg17",
    ])
      assert.deepEqual(version(image), { postgres: "17-alpine" }, image);
    for (const image of ["postgres:15", "postgres:12-alpine"]) assert.equal(version(image), undefined, image);
    assert.ok(says(/It says no version/, app({}, { db: { image: "postgres" } })));
  });

  it("several applications at one name keeps each at its own path", () => {
    const rule = (path: string): object => ({
      labels: { "traefik.http.routers.r.rule": `Host(\`other.test\`) && PathPrefix(\`${path}\`)` },
    });
    const other = { image: "me/other:1", expose: ["81"], ...rule("/api") };
    const first = {
      image: "me/first:1",
      expose: ["80"],
      labels: ["traefik.http.routers.f.rule=Host(`a.example`)"],
    };
    const { settings } = app({ ...rule("/"), ports: ["80"] }, { other, first });
    assert.equal(settings.domain, "a.example");
    assert.deepEqual(
      (at(settings, "sites") as Record<string, { routes: { path: string; app: string }[] }>)[
        "other.test"
      ]!.routes.map(({ path, app: name }) => [path, name]),
      [
        ["/", "app"],
        ["/api/", "other"],
      ],
    );
  });

  it("a variable that its own shell fills in keeps it, also with a default", () => {
    const { settings, lacking } = app({ environment: { GREETING: "$${NAME:-you} and $${NAME}" } });
    assert.equal(at(settings, "apps.app.environment.GREETING"), "$${NAME:-you} and $${NAME}");
    assert.deepEqual(lacking, []);
  });

  it("what the program refuses lists that", () => {
    const { lacking } = app(
      { depends_on: ["other"] },
      { other: { image: "me/other:1", ports: ["81"], depends_on: ["app"] } },
    );
    assert.match(lacking.join("\n"), /need each other/);
  });
});
