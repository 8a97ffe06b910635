import assert from "node:assert/strict";
import { check } from "../../../config/check/index.ts";
import { parse } from "../../../config/parse.ts";
import { isKnown } from "../../../automation/import/table.ts";
import type { Conversion } from "../../../automation/import/convert.ts";
import { at, imported } from "./support.ts";

/** Problems that the program would find in the settings, apart from secrets that a person has to set. */
function problems({ settings, secrets }: Conversion): string[] {
  const raw = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [
      `fairlead:${key}`,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  const set = Object.fromEntries(secrets.missing().map((name) => [`fairlead:${name}`, "set-by-hand"]));
  const known = Object.fromEntries(
    Object.entries(secrets.known()).map(([name, value]) => [`fairlead:${name}`, value]),
  );
  const parsed = parse("fairlead", "prod", { ...raw, ...known, ...set });
  return check("prod", parsed.config, parsed.secrets).map(({ path, message }) => `${path}: ${message}`);
}

const texts = ({ notes }: Conversion): string[] =>
  notes.map(({ service, key, text }) => `${service ?? ""} ${key} ${text}`);

describe("an import of a feed reader", () => {
  const reader = imported("reader/docker-compose.yml");
  const app = at(reader.settings, "apps.reader");

  it("is a stack that the program accepts", () => {
    assert.deepEqual(problems(reader), []);
    assert.deepEqual(reader.lacking, []);
  });

  it("takes the domain from the address that the reader is told, and the port inside the container", () => {
    assert.equal(reader.settings.domain, "feeds.example.org");
    assert.equal(at(app, "port"), 8080);
    assert.deepEqual(at(app, "routes.0.path"), "/");
  });

  it("puts the stack's database in place of the old one", () => {
    assert.deepEqual(at(app, "database"), { name: "reader" });
    assert.deepEqual(reader.settings.database, { name: "reader_shared", owner: "reader_shared" });
    assert.equal(at(app, "environment.DATABASE_URL"), "{{database.url}}?sslmode=disable");
    assert.deepEqual(reader.settings.cache, { enabled: false });
  });

  it("writes no secret in plain text, and asks for the one that nobody has set", () => {
    assert.doesNotMatch(JSON.stringify(reader.settings), /s3cret/);
    assert.deepEqual(at(app, "secrets"), ["ADMIN_PASSWORD"]);
    assert.deepEqual(reader.secrets.missing(), ["ADMIN_PASSWORD"]);
    assert.ok(texts(reader).some((text) => text.includes("${ADMIN_PASSWORD} It is set nowhere")));
  });

  it("keeps a dollar sign and braces as they are meant", () => {
    assert.equal(at(app, "environment.GREETING"), "costs $5 {{{{ name }}");
  });

  it("checks the reader by its own command, because no request is made", () => {
    assert.deepEqual(at(app, "health.command"), ["/usr/bin/reader", "-healthcheck", "auto"]);
    assert.equal(at(app, "health.interval"), "90 s");
  });

  it("says how the database comes over", () => {
    const move = reader.moves.find(({ what }) => what.startsWith("Postgres"))!;
    assert.match(
      move.commands[0]!,
      /^docker compose exec -T db pg_dump .*--username=reader reader > reader\.dump$/,
    );
    assert.match(
      move.commands[1]!,
      /docker exec -i -u postgres reader_postgres pg_restore .*--role=reader --dbname=reader < reader\.dump$/,
    );
  });
});

describe("an import of a CMS behind Traefik", () => {
  const cms = imported("cms/compose.yaml");
  const app = at(cms.settings, "apps.cms");

  it("finds the domain that the others end with, and puts each application where it answered", () => {
    assert.equal(cms.settings.domain, "example.org");
    assert.deepEqual(at(cms.settings, "edge.subdomains.cms"), {
      routes: [{ path: "/", websocket: true, csp: false, maxBody: "100 MB", app: "cms" }],
    });
    assert.deepEqual(
      (at(cms.settings, "apps.site.routes") as { path: string }[]).map(({ path }) => path),
      ["/", "/preview/"],
    );
    assert.equal(at(app, "port"), 8055);
  });

  it("reads files of variables below those of the service, and finds the secret in them", () => {
    assert.equal(at(app, "environment.ADMIN_EMAIL"), "me@example.org");
    assert.deepEqual(cms.secrets.known(), { SECRET: "0123456789abcdef" });
    assert.ok(texts(cms).some((text) => /absent\.env There is no such file/.test(text)));
  });

  it("replaces each part of the database's address, and the cache's", () => {
    const expected = {
      DB_HOST: "{{database.host}}",
      DB_PORT: "{{database.port}}",
      DB_DATABASE: "{{database.name}}",
      DB_USER: "{{database.user}}",
      DB_PASSWORD: "{{database.password}}",
      REDIS: "redis://{{cache.user}}:{{cache.password}}@{{cache.host}}:{{cache.port}}/1",
      DB_CLIENT: "pg",
    };
    for (const [name, text] of Object.entries(expected))
      assert.equal(at(app, `environment.${name}`), text, name);
  });

  it("takes limits of the old stores for the new ones", () => {
    assert.equal(at(cms.settings, "database.maxConnections"), 150);
    assert.deepEqual(cms.settings.cache, { memory: "128 MB", policy: "allkeys-lfu" });
  });

  it("asks the path that its check requests", () => assert.equal(at(app, "health.path"), "/server/ping"));

  it("brings the uploads over, and replaces the proxy", () => {
    const uploads = cms.moves.find(({ what }) => what === "Volume uploads of cms");
    if (isKnown("volumes"))
      assert.match(uploads!.commands[0]!, /^docker compose cp cms:\/cms\/uploads\/\. - > cms-uploads\.tar$/);
    else assert.equal(uploads, undefined);
    assert.ok(texts(cms).some((text) => /^traefik image: traefik:v3\.1 The stack's edge/.test(text)));
  });

  it("keeps uploads, folders and files, where there are such settings", () => {
    if (isKnown("volumes"))
      assert.deepEqual(at(app, "volumes"), {
        uploads: { path: "/cms/uploads" },
        extensions: { path: "/cms/extensions", owner: "1000:1000" },
      });
    else assert.ok(texts(cms).some((text) => /no setting volumes/.test(text)));
    if (isKnown("files"))
      assert.deepEqual(
        cms.files.map(({ place }) => place),
        ["files/cms/settings.json"],
      );
    if (isKnown("build"))
      assert.deepEqual(at(cms.settings, "apps.site.build"), {
        context: "./fixtures/cms/site",
        target: "runtime",
        args: { NODE_VERSION: "22" },
      });
  });
});

describe("an import of a shop with worker and scheduler", () => {
  const shop = imported("shop/docker-compose.yml");
  const app = at(shop.settings, "apps.web");

  it("is one application with processes; the scheduler never runs twice", () => {
    assert.deepEqual(Object.keys(shop.settings.apps as object), ["web"]);
    assert.deepEqual(at(app, "processes.worker.command"), [
      "celery",
      "-A",
      "shop",
      "worker",
      "--concurrency",
      "2",
    ]);
    assert.equal(at(app, "processes.worker.resources.memory"), "1 GB");
    assert.equal(at(app, "processes.scheduler.single"), true);
    assert.equal(at(app, "processes.worker.single"), undefined);
  });

  it("takes replicas, limits and the time to stop", () => {
    assert.equal(at(app, "replicas"), 2);
    assert.deepEqual(at(app, "resources"), { memory: "512 MB", cpus: 0.5 });
    assert.equal(at(app, "stop"), "60 s");
  });

  it("leaves out services of a profile unless they are asked for; one that contradicts the others stays apart", () => {
    assert.ok(texts(shop).some((text) => /^flower profiles Left out/.test(text)));
    const all = imported("shop/docker-compose.yml", { profiles: ["tools"] });
    assert.deepEqual(Object.keys(all.settings.apps as object).sort(), ["flower", "web"]);
    assert.equal(at(all.settings, "apps.flower.environment.LOG_LEVEL"), "debug");
  });

  it("keeps the driver of a URL that isn't Postgres's own, and evicts nothing from a queue", () => {
    assert.equal(
      at(app, "environment.DATABASE_URL"),
      "postgresql+psycopg://{{database.user}}:{{database.password}}@{{database.host}}:{{database.port}}/{{database.name}}",
    );
    assert.deepEqual(shop.settings.cache, { policy: "noeviction" });
  });

  it("finds secrets in files", () => {
    assert.deepEqual(shop.secrets.known(), { MAIL_PASSWORD: "mailbox", SECRET_KEY: "django-insecure-1234" });
  });

  it("makes the migration a release command, and Ofelia's entry a job, where there are such settings", () => {
    if (isKnown("release"))
      assert.deepEqual(at(app, "release"), { command: ["python", "manage.py", "migrate", "--noinput"] });
    if (isKnown("jobs"))
      assert.deepEqual(at(app, "jobs"), {
        nightly: { command: ["python", "manage.py", "nightly report"], schedule: "30 3 * * *" },
      });
    if (isKnown("tmpfs")) assert.deepEqual(at(app, "tmpfs"), { "/tmp": { size: "64 MB", exec: true } });
  });
});
