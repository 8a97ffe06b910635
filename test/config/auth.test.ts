import assert from "node:assert/strict";
import { check } from "../../config/check/index.ts";
import { parse } from "../../config/parse.ts";
import { ConfigError } from "../../config/problems.ts";
import { MINIMAL, parsed, raw } from "../support/settings.ts";

const users = { ann: "ANN_PASSWORD" };
const routed = (...routes: object[]): object => ({ apps: { api: { ...MINIMAL.apps.api, routes } } });

describe("passwords of visitors", () => {
  const problems = (settings: object, secrets: Record<string, string> = { ANN_PASSWORD: "x" }): string[] => {
    const { config } = parsed({ ...MINIMAL, ...settings });
    return check("test", config, secrets).map(({ path, message }) => `${path}: ${message}`);
  };

  it("are those of routes, of subdomains and of sites", () => {
    const settings = {
      ...routed({ path: "/" }, { path: "/admin/", auth: { users } }),
      edge: { subdomains: { cms: { app: "api", auth: { users } } } },
      sites: {
        "other.test": {
          auth: { users },
          routes: [{ app: "api" }, { path: "/open/", app: "api", auth: false }],
        },
      },
    };
    assert.deepEqual(problems(settings), []);
    assert.deepEqual(problems(settings, {}), [
      "apps.api.routes[1].auth.users.ann: the secret ANN_PASSWORD is not set",
      "edge.subdomains.cms.auth.users.ann: the secret ANN_PASSWORD is not set",
      "sites.other.test.auth.users.ann: the secret ANN_PASSWORD is not set",
    ]);
  });

  it("fit on a line that every crypt takes, and no problem shows them", () => {
    const settings = routed({ path: "/" }, { path: "/admin/", auth: { users } });
    assert.deepEqual(problems(settings, { ANN_PASSWORD: "ü".repeat(127) + "x" }), []);
    assert.deepEqual(problems(settings, { ANN_PASSWORD: "ü".repeat(128) }), [
      "apps.api.routes[1].auth.users.ann: expected a password of at most 255 bytes in ANN_PASSWORD, found 256",
    ]);
    assert.deepEqual(problems(settings, { ANN_PASSWORD: "one\ntwo" }), [
      "ANN_PASSWORD: expected a secret of one line, found a line break in it",
    ]);
    assert.deepEqual(problems(settings, { ANN_PASSWORD: "" }), [
      "ANN_PASSWORD: expected a secret, found an empty one",
    ]);
  });

  it("aren't asked for by a redirect, by what is kept for all, or where a release's health is asked for", () => {
    const status = { redirect: "https://stats.example.com", auth: { users } };
    assert.deepEqual(problems({ edge: { subdomains: { status } } }), [
      "edge.subdomains.status.auth: a redirect asks nobody for a password",
    ]);
    assert.deepEqual(problems(routed({ path: "/" }, { path: "/x/", cache: "1 s", auth: { users } })), [
      "apps.api.routes[1].cache: what few may see isn't kept for all",
    ]);
    const cms = { auth: { users }, routes: [{ app: "api", cache: "1 s" }] };
    assert.deepEqual(problems({ edge: { subdomains: { cms } } }), [
      "edge.subdomains.cms.routes[0].cache: what few may see isn't kept for all",
    ]);
    cms.routes.push({ app: "api", cache: "1 s", path: "/open/", auth: false } as never);
    assert.equal(problems({ edge: { subdomains: { cms } } }).length, 1);
    assert.deepEqual(problems(routed({ path: "/x/", auth: { users } })), [
      "apps.api.routes[0].auth: the health of api is asked for at /x/, which would be open to everybody",
    ]);
    assert.deepEqual(problems(routed({ path: "/", auth: { users } })), []);
  });

  const bad: [string, unknown, string, RegExp][] = [
    ["nobody", { users: {} }, "auth.users", /at least one user/],
    ["a user with a colon", { users: { "a:b": "PW" } }, "auth.users.a:b", /a user name of letters/],
    ["a user without a name", { users: { "": "PW" } }, "auth.users.", /a user name of letters/],
    ["a password itself", { users: { ann: "hunter2" } }, "auth.users.ann", /an upper-case name such as/],
    ["another setting", { users, realm: "x" }, "auth.realm", /unknown setting/],
    ["true", true, "auth", /expected a group of settings, or one of false/],
    ["a name", "ann", "auth", /expected a group of settings/],
  ];
  for (const [what, auth, path, words] of bad)
    it(`aren't ${what}`, () => {
      const settings = { ...MINIMAL, edge: { subdomains: { cms: { routes: [{ app: "api", auth }] } } } };
      assert.throws(
        () => parse("fairlead", "test", raw(settings)),
        (error: ConfigError) => {
          assert.ok(error instanceof ConfigError);
          const found = error.problems.map((one) => `${one.path}: ${one.message}`).join("\n");
          assert.ok(found.includes(`edge.subdomains.cms.routes[0].${path}: `), found);
          assert.match(found, words);
          assert.doesNotMatch(error.message, /hunter2/);
          return true;
        },
      );
    });
});
