import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { JsonMap } from "../../../automation/import/compose/json.ts";
import { convert, type Conversion } from "../../../automation/import/convert.ts";
import { isKamal, readKamal } from "../../../automation/import/kamal/read.ts";
import { rowOf, TABLE } from "../../../automation/import/table.ts";
import { KAMAL_CASES } from "./kamal-cases.ts";
import { at, FIXTURES } from "./support.ts";

/** What an import makes of a Kamal file with this content, and of what stands beside it. */
function fromKamal(content: object, more: Readonly<Record<string, string>> = {}): Conversion {
  const root = mkdtempSync(join(tmpdir(), "kamal-"));
  try {
    const beside: Record<string, string> = {
      "config/deploy.yml": stringify(content),
      "my-secrets": "FROM_PATH=1234\n",
      "my-hooks/pre-deploy": 'kamal app exec "bin/migrate"\n',
      "search.toml": "a = 1\n",
      ".kamal/secrets": "PLAIN=plain\nTOKEN=$(op read token)\n",
      ...more,
    };
    for (const [name, text] of Object.entries(beside)) {
      mkdirSync(join(root, name, ".."), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    return convert(readKamal([join(root, "config/deploy.yml")], {}), { stack: "prod", root });
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** Puts a value at a key that may have points: `buffering.requests`. */
function nested(key: string, value: unknown): JsonMap {
  const [first = "", ...rest] = key.split(".");
  return { [first]: rest.length > 0 ? nested(rest.join("."), value) : value } as JsonMap;
}

/** A file that has this key, and all that the key may refer to. */
function file(group: string, key: string, value: unknown): object {
  const own = nested(key, value);
  const role = { hosts: [{ "192.0.2.1": "one" }] };
  const base = { service: "app", image: "me/app", servers: { web: role } };
  const secret = { env: { secret: ["FROM_PATH"] } };
  const both = { web: role, site: { ...role, cmd: "serve" } };
  const registry = { server: "ghcr.io", username: "me", password: ["TOKEN"] };
  const files: Record<string, object> = {
    kamal: {
      ...base,
      ...(key === "secrets_path" ? secret : {}),
      ...(key === "primary_role" ? { servers: both } : {}),
      ...(key === "image" ? { registry } : {}),
      ...own,
    },
    "kamal-role": { ...base, servers: { web: { ...role, ...own } } },
    "kamal-proxy": {
      ...base,
      proxy: { path_prefix: key === "strip_path_prefix" ? "/a" : undefined, ...own },
    },
    "kamal-env": { ...base, env: own },
    "kamal-builder": { ...base, builder: own },
    "kamal-registry": { ...base, registry: { ...registry, ...own } },
    "kamal-ssh": { ...base, ssh: own },
    "kamal-accessory": { ...base, accessories: { search: { image: "meili:1", ...own } } },
    "kamal-option": { ...base, servers: { web: { ...role, options: own } } },
  };
  return JSON.parse(JSON.stringify(files[group])) as object;
}

/** Where the report speaks of a key: the service and how it spells the key. */
const SPOKEN: Readonly<Record<string, readonly [service: string | undefined, prefix: string]>> = {
  kamal: [undefined, ""],
  "kamal-role": ["web", ""],
  "kamal-proxy": [undefined, "proxy."],
  "kamal-env": [undefined, "env."],
  "kamal-builder": [undefined, "builder."],
  "kamal-registry": [undefined, "registry."],
  "kamal-ssh": [undefined, "ssh."],
  "kamal-accessory": ["search", ""],
  "kamal-option": ["web", "options."],
};

describe("the table of Kamal's keys", () => {
  it("has a case for every row, and a row for every case", () => {
    for (const [group, cases] of Object.entries(KAMAL_CASES)) {
      const rows = TABLE.filter(({ key }) => key.startsWith(`${group}.`)).map(({ key }) =>
        key.slice(group.length + 1),
      );
      assert.deepEqual(Object.keys(cases).sort(), rows.sort(), group);
    }
    const groups = TABLE.flatMap(({ key }) => (key.startsWith("kamal") ? [key.split(".")[0]!] : []));
    assert.deepEqual([...new Set(groups)].sort(), [...Object.keys(KAMAL_CASES), "kamal-hook"].sort());
  });

  for (const [group, cases] of Object.entries(KAMAL_CASES))
    for (const [key, [value, setting, becomes]] of Object.entries(cases))
      it(`does with ${group}.${key} what it says`, () => {
        const { settings, notes } = fromKamal(file(group, key, value));
        const row = rowOf(`${group}.${key}`)!;
        const [service, prefix] = SPOKEN[group]!;
        assert.ok(
          notes.some(
            (one) => one.service === service && one.key === `${prefix}${key}` && one.outcome === row.outcome,
          ),
          `the report speaks of ${prefix}${key} as ${row.outcome}`,
        );
        if (setting !== undefined) assert.deepEqual(at(settings, setting), becomes);
      });
});

describe("an import of Kamal's hooks and mounts", () => {
  const base = { service: "app", image: "me/app" };

  for (const { key, outcome } of TABLE.filter((row) => row.key.startsWith("kamal-hook.")))
    it(`speaks of ${key}`, () => {
      const name = key.slice("kamal-hook.".length);
      const { settings, notes } = fromKamal(base, {
        [`.kamal/hooks/${name}`]: 'kamal app exec -p "bin/go"\n',
      });
      assert.ok(notes.some((note) => note.key === `hooks: ${name}` && note.outcome === outcome));
      const release = at(settings, "apps.app.release.command");
      assert.deepEqual(release, /^pre-(deploy|app-boot)$/.test(name) ? ["bin/go"] : undefined);
    });

  it("takes neither a socket nor a file of the old server", () => {
    const volumes = [
      "/var/run/docker.sock:/var/run/docker.sock",
      "/etc/app.conf:/app.conf",
      "/srv/data:/data",
    ];
    const { settings, notes } = fromKamal({ ...base, volumes });
    assert.deepEqual(at(settings, "apps.app.volumes"), { data: { path: "/data" } });
    assert.ok(notes.some(({ text }) => text.startsWith("With the engine's socket")));
    assert.ok(notes.some(({ text }) => text.startsWith("It is a file of the old server")));
  });

  it("says what is no key of Kamal's, and leaves extensions alone", () => {
    const { notes } = fromKamal({ ...base, sevice: "typo", "x-common": { a: 1 }, proxy: { hst: "a" } });
    const unknown = notes.filter(({ text }) => text === "It is no key of Kamal's documentation.");
    assert.deepEqual(
      unknown.map(({ key }) => key),
      ["sevice", "proxy.hst"],
    );
  });

  it("gives no reader of the report a secret of the old stack", () => {
    const { notes, moves, settings } = fromKamal({ ...base, env: { secret: ["PLAIN", "TOKEN"] } });
    assert.doesNotMatch(JSON.stringify([notes, moves, settings]), /"plain"|\\u0000/);
  });
});

describe("an import of a Rails application from Kamal", () => {
  const path = join(FIXTURES, "rails/config/deploy.yml");
  const read = (environment = {}, ...others: string[]): Conversion =>
    convert(readKamal([path, ...others], environment), {
      stack: "prod",
      root: FIXTURES,
      address: "203.0.113.7",
    });
  const blog = read({ SUFFIX: "x" });
  const app = at(blog.settings, "apps.blog");

  it("is told from a Compose file", () => {
    assert.ok(isKamal(path));
    assert.ok(!isKamal(join(FIXTURES, "shop/docker-compose.yml")));
  });

  it("is one application with a process for the job role", () => {
    assert.deepEqual(Object.keys(blog.settings.apps as object), ["blog", "blog-search"]);
    assert.deepEqual(at(app, "processes"), {
      jobs: { command: ["bin/jobs", "--verbose"], resources: { memory: "1 GB", cpus: 2 } },
    });
    assert.deepEqual(at(app, "build"), {
      context: "./rails",
      dockerfile: "Dockerfile.production",
      args: { RUBY_VERSION: "3.4" },
    });
    assert.equal(at(app, "image"), "ghcr.io/me/blog");
  });

  it("answers at its names", () => {
    assert.equal(blog.settings.domain, "blog.example");
    assert.equal(at(blog.settings, "edge.subdomains.api.routes.0.app"), "blog");
    assert.deepEqual(at(app, "health"), { path: "/ready", timeout: "4 s", within: "90 s" });
  });

  it("puts the stack's stores in place of the accessories, also where nobody knows the password", () => {
    assert.deepEqual(at(app, "environment"), {
      RAILS_ENV: "production",
      DB_HOST: "{{database.host}}",
      DB_NAME: "{{database.name}}",
      REDIS_HOST: "{{cache.host}}",
      SEARCH_URL: "http://blog-search:7700",
      STAMP: "",
      BLOG_DATABASE_PASSWORD: "{{database.password}}",
      REDIS_URL: "{{cache.url}}",
    });
    assert.deepEqual(blog.settings.versions, { postgres: "16-alpine" });
  });

  it("reads secrets that are written out, and asks for the others", () => {
    assert.deepEqual(blog.secrets.known(), {
      RAILS_MASTER_KEY: "a1b2c3",
      MAIL_LOGIN: "log-in $here",
      MEILI_MASTER_KEY: "key-of-x",
    });
    assert.deepEqual(blog.secrets.missing(), ["KAMAL_REGISTRY_PASSWORD"]);
    assert.deepEqual(read({ KAMAL_REGISTRY_PASSWORD: "k" }).secrets.missing(), ["MEILI_MASTER_KEY"]);
    assert.doesNotMatch(JSON.stringify(blog.settings), /a1b2c3|log-in|key-of/);
  });

  it("runs what its hook runs before a release, and speaks of the others", () => {
    assert.deepEqual(at(app, "release.command"), ["bin/rails", "db:migrate"]);
    assert.deepEqual(
      blog.notes.filter(({ key }) => key.startsWith("hooks: ")).map(({ key }) => key),
      ["hooks: post-deploy", "hooks: pre-deploy"],
    );
  });

  it("says what its aliases are here", () => {
    const texts = blog.notes.filter(({ key }) => key.startsWith("aliases: ")).map(({ text }) => text);
    assert.deepEqual(texts.slice(0, 2), [
      "npm run exec -- --app blog -- bin/rails console",
      "npm run logs -- --app blog --follow",
    ]);
  });

  it("takes a destination's file over the first one, with its secrets", () => {
    const staging = read({}, join(FIXTURES, "rails/config/deploy.staging.yml"));
    assert.equal(staging.settings.domain, "staging.example");
    assert.equal(at(staging.settings, "edge.subdomains"), undefined);
    assert.equal(staging.secrets.known().MAIL_LOGIN, "staging-login");
  });

  it("lists nothing to correct but what only a person knows", () => {
    assert.deepEqual(
      blog.lacking.map((row) => row.split(":")[0]),
      ["server.hostKey"],
    );
    assert.ok(blog.notes.every(({ text }) => !text.startsWith("Left out")));
  });

  it("brings data over from the old server", () => {
    const commands = blog.moves.flatMap((move) => move.commands);
    assert.match(commands[0]!, /^ssh -p 2200 deploy@192\.0\.2\.10 docker exec -i blog-db pg_dump /);
    assert.ok(
      commands.includes(
        "ssh -p 2200 deploy@192.0.2.10 'docker cp $(docker ps -aq --latest --filter label=service=blog --filter label=role=web):/rails/storage/. -' > blog-blog-storage.tar",
      ),
    );
    assert.ok(commands.some((line) => line.includes("docker cp blog-search:/meili_data/. -")));
  });
});
