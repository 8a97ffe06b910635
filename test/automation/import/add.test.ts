import assert from "node:assert/strict";
import type { Present } from "../../../automation/import/add.ts";
import type { Conversion } from "../../../automation/import/convert.ts";
import { at, importedFrom } from "./support.ts";

const present: Present = {
  settings: {
    name: "office",
    domain: "office.example",
    server: {
      address: "192.0.2.7",
      port: 2022,
      hostKey: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    },
    database: { enabled: false },
    edge: { subdomains: { wiki: { app: "shop" } } },
    apps: { shop: { image: "me/shop:1", port: 80, routes: [{ path: "/" }] } },
  },
  secrets: ["TOKEN"],
};

describe("an import into a stack that is there", () => {
  const add = (services: object, to: Present = present): Conversion =>
    importedFrom({ services }, { present: to });
  const db = {
    image: "postgres:15",
    environment: { POSTGRES_USER: "u", POSTGRES_PASSWORD: "p", POSTGRES_DB: "blog" },
  };
  const blog = {
    image: "me/blog:1",
    ports: ["80"],
    volumes: ["posts:/posts"],
    environment: { DB_HOST: "db", TOKEN: "another" },
  };
  const found = add({ blog, db });

  it("adds the application below a name of its own, and leaves what the stack says", () => {
    assert.deepEqual(Object.keys(at(found.settings, "apps") as object), ["shop", "blog"]);
    for (const path of ["name", "domain", "server", "apps.shop", "edge.subdomains.wiki"])
      assert.deepEqual(at(found.settings, path), at(present.settings, path));
    assert.deepEqual(at(found.settings, "edge.subdomains.blog.routes.0.app"), "blog");
    assert.equal(at(found.settings, "apps.blog.routes"), undefined);
    assert.deepEqual(
      found.edits!.map(([path, value]) => [path.join("."), value === undefined]),
      [
        ["apps.blog", false],
        ["edge.subdomains.blog", false],
        ["database.enabled", true],
      ],
    );
    assert.deepEqual(found.lacking, []);
  });

  it("gives a secret whose name is taken another one", () => {
    assert.deepEqual(at(found.settings, "apps.blog.secrets"), { TOKEN: "BLOG_TOKEN" });
    assert.deepEqual(found.secrets.known(), { BLOG_TOKEN: "another" });
  });

  it("brings its data to the stack's own server and containers", () => {
    const commands = found.moves.flatMap((move) => move.commands).join("\n");
    assert.match(
      commands,
      /ssh -p 2022 root@192\.0\.2\.7 docker exec -i -u postgres office_postgres pg_restore/,
    );
    assert.match(commands, /volumes\/office_blog_posts\/_data/);
  });

  it("turns on nothing that is not needed, and lets nothing be evicted where something queues", () => {
    const worker = { image: "me/blog:1", command: "work", environment: blog.environment };
    const redis = { image: "redis:7" };
    const queue = { ...blog, environment: { REDIS_URL: "redis://redis" } };
    const { settings, notes } = add({ queue, worker: { ...worker, environment: queue.environment }, redis });
    assert.deepEqual(at(settings, "database"), { enabled: false });
    assert.equal(at(settings, "cache.policy"), "noeviction");
    assert.ok(notes.some(({ text }) => text.startsWith("It is noeviction for all")));
    assert.equal(add({ blog }).edits!.length, 2);
  });

  it("refuses an application whose name is taken, and keeps a name that leads elsewhere", () => {
    assert.throws(() => add({ shop: blog }), /has an application shop already/);
    const { settings, notes } = add({ wiki: blog });
    assert.deepEqual(at(settings, "edge.subdomains.wiki"), { app: "shop" });
    assert.ok(notes.some(({ key, text }) => key === "edge.subdomains.wiki" && /stays as it is/.test(text)));
  });

  it("lists what the program refuses of all of them together", () => {
    const own: Present = {
      settings: { ...present.settings, apps: { shop: { image: "me/shop:1", database: { name: "blog" } } } },
      secrets: [],
    };
    assert.match(add({ blog, db }, own).lacking.join("\n"), /blog/);
  });
});
