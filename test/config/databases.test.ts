import assert from "node:assert/strict";
import { check } from "../../config/check/index.ts";
import { databasesOf, sharing } from "../../config/databases.ts";
import type { Problem } from "../../config/problems.ts";
import { digest, parsed } from "../support/settings.ts";

const image = `ghcr.io/me/api@${digest("a")}`;
const app = (more: object): object => ({ image, port: 80, ...more });

function problems(apps: Record<string, object>, more: object = {}, secrets = {}): Problem[] {
  return check("test", parsed({ apps, ...more }).config, secrets);
}

describe("a database of an application's own", () => {
  const needs = (more: object) => {
    const { config } = parsed({ apps: { "my-shop": app(more) } });
    return databasesOf("my-shop", config.apps["my-shop"]!);
  };

  it("has the application's name, or another, and is there instead of the shared one", () => {
    assert.deepEqual(needs({}), []);
    assert.deepEqual(needs({ needs: ["database"] }), [{ key: "database", variable: "DATABASE_URL" }]);
    const own = (name: string) => [
      { key: "database", variable: "DATABASE_URL", own: { name, extensions: [] } },
    ];
    assert.deepEqual(needs({ needs: ["database"], database: {} }), own("my_shop"));
    assert.deepEqual(needs({ database: { name: "store" } }), own("store"));
  });

  it("may be one of several, each with a variable of its own", () => {
    const found = needs({ needs: ["database"], databases: { "page-views": { extensions: ["hstore"] } } });
    assert.deepEqual(found, [
      { key: "database", variable: "DATABASE_URL" },
      {
        key: "databases.page-views",
        variable: "PAGE_VIEWS_DATABASE_URL",
        own: { name: "my_shop_page_views", extensions: ["hstore"] },
      },
    ]);
    const environment = { A: "{{databases.page-views.url}}?pool=2" };
    assert.deepEqual(problems({ shop: app({ databases: { "page-views": {} }, environment }) }), []);
  });

  it("is named as missing where several applications share the stack's", () => {
    const shared = (apps: Record<string, object>) => sharing(parsed({ apps }).config.apps);
    const needs = ["database"];
    const [one, own, none] = [app({ needs }), app({ needs, database: {} }), app({})];
    assert.deepEqual(shared({ b: one, a: one, own, none }), ["a", "b"]);
    assert.deepEqual(shared({ a: one, own, none }), []);
    assert.deepEqual(shared({ a: one, b: app({ needs, databases: { x: {} } }) }), ["a", "b"]);
  });

  const bad: [string, Record<string, object>, string, RegExp][] = [
    [
      "the shared one's name",
      { maicivy: app({ database: {} }) },
      "apps.maicivy.database.name",
      /the stack's own/,
    ],
    [
      "another application's name",
      { a: app({ database: { name: "x" } }), b: app({ databases: { y: { name: "x" } } }) },
      "apps.b.databases.y.name",
      /that of apps\.a\.database/,
    ],
    [
      "a name of Postgres",
      { a: app({ database: { name: "template1" } }) },
      "apps.a.database.name",
      /Postgres keeps/,
    ],
    [
      "a long name of the application",
      { ["a".repeat(32)]: app({ database: {} }) },
      `apps.${"a".repeat(32)}.database.name`,
      /at most 31/,
    ],
  ];
  for (const [what, apps, path, message] of bad)
    it(`is refused with ${what}`, () => {
      const [found, ...others] = problems(apps);
      assert.deepEqual(others, []);
      assert.equal(found!.path, path);
      assert.match(found!.message, message);
      assert.match(found!.remedy, /^Set .*\.name to another/);
    });

  it("is refused where Postgres is off, and where its URL is a secret too", () => {
    const off = { database: { enabled: false } };
    assert.match(problems({ a: app({ database: {} }) }, off)[0]!.remedy, /list DATABASE_URL under secrets/);
    const both = app({ databases: { x: {} }, secrets: ["X_DATABASE_URL"] });
    assert.deepEqual(
      problems({ a: both }, {}, { X_DATABASE_URL: "u" }).map(({ path }) => path),
      ["apps.a.secrets[0]"],
    );
  });
});
