import assert from "node:assert/strict";
import { check } from "../../config/check/index.ts";
import type { Problem } from "../../config/problems.ts";
import { leftOver, namesIn, pieces } from "../../config/values.ts";
import { digest, parsed } from "../support/settings.ts";

const image = `ghcr.io/me/api@${digest("a")}`;

/** Problems of one application with these settings, with these secrets set. */
function problems(app: object, more: object = {}, secrets: string[] = []): Problem[] {
  const { config } = parsed({ apps: { api: { image, port: 80, ...app } }, ...more });
  return check("test", config, Object.fromEntries(secrets.map((name) => [name, "s3cret"])));
}

describe("a value of an application", () => {
  it("is text with names in it", () => {
    assert.deepEqual(pieces("https://{{domain}}/x"), [
      { text: "https://" },
      { name: "domain" },
      { text: "/x" },
    ]);
    assert.deepEqual(namesIn("{{ database.user }}:{{database.password}}@"), [
      "database.user",
      "database.password",
    ]);
    assert.deepEqual(pieces(""), []);
  });

  it("may hold the very texts that stand for something", () => {
    const text = (value: string): string =>
      pieces(value)
        .map((piece) => ("text" in piece ? piece.text : "?"))
        .join("");
    assert.equal(text("{{{{ .Name }} $${HOME} $HOME {a} }}"), "{{ .Name }} ${HOME} $HOME {a} }}");
    assert.equal(text('{"a":{"b":{}}}'), '{"a":{"b":{}}}');
    assert.equal(text("$2y$10$abc"), "$2y$10$abc");
  });

  it("is refused with a name that stands for nothing, and the names are listed", () => {
    const [found, ...others] = problems({ environment: { URL: "{{database.ulr}}" }, needs: ["database"] });
    assert.deepEqual(others, []);
    assert.equal(found!.path, "apps.api.environment.URL");
    assert.match(found!.message, /found \{\{database\.ulr\}\}/);
    assert.match(
      found!.remedy,
      /Did you mean \{\{database\.url\}\}\?.*domain, url, name, app, database\.url/,
    );
  });

  it("is refused with a name that doesn't end", () => {
    for (const value of ["{{database.url}", "{{ {{domain}}", "a {{"]) {
      const [found, ...others] = problems({ environment: { URL: value } });
      assert.deepEqual([found?.message, others], ["expected }} after the name, found {{ alone", []], value);
    }
    assert.deepEqual(problems({ environment: { A: "{{{{ x", B: "}}" } }), []);
  });

  it("names what the application needs, and nothing else", () => {
    const environment = { A: "{{cache.url}}" };
    assert.equal(problems({ environment }).length, 1);
    assert.deepEqual(problems({ environment, needs: ["cache"] }), []);
    const others = { A: "{{domain}} {{url}} {{name}} {{app}}", B: "{{secrets.MAIL}}" };
    assert.deepEqual(problems({ environment: others, secrets: { MAIL: "KEY" } }, {}, ["KEY"]), []);
  });

  it("is refused with what the application doesn't list, and says where to add it", () => {
    const remedy = (name: string): string => problems({ environment: { A: `{{${name}}}` } })[0]!.remedy;
    assert.match(remedy("database.url"), /^Add database to apps\.api\.needs\./);
    assert.match(remedy("cache.url"), /^Add cache to apps\.api\.needs\./);
    assert.match(remedy("secrets.NOPE"), /^Add NOPE to apps\.api\.secrets\./);
    assert.match(remedy("domian"), /^Did you mean \{\{domain\}\}\?/);
  });

  it("is refused with a variable of a shell, in words", () => {
    for (const value of ["${DB_HOST}", "http://${HOST:-x}/", "a ${B?no} c"]) {
      const [found] = problems({ environment: { A: value } });
      assert.match(found!.message, /found \$\{.*which nothing fills in/, value);
      assert.match(found!.remedy, /Write \$\$\{.* for that very text/);
    }
    assert.equal(leftOver("$${HOME} $2y$ ${} $HOME"), undefined);
    assert.deepEqual(problems({ environment: { A: "$${HOME}" } }), []);
  });

  it("is read as text when it is a number or a switch, and its name may have any case", () => {
    const { config } = parsed({
      apps: { api: { image, port: 80, environment: { http_proxy: 3, database__debug: true } } },
    });
    assert.deepEqual(config.apps.api!.environment, { http_proxy: "3", database__debug: "true" });
  });
});

describe("a secret of an application", () => {
  const paths = (app: object, secrets: string[] = [], more: object = {}): string[] =>
    problems(app, more, secrets).map(({ path }) => path);

  it("may have another name there", () => {
    const secrets = { ADMIN_PASSWORD: "CMS_ADMIN_PASSWORD" };
    assert.deepEqual(paths({ secrets }, ["CMS_ADMIN_PASSWORD"]), []);
    assert.deepEqual(paths({ secrets }, ["ADMIN_PASSWORD"]), ["apps.api.secrets.ADMIN_PASSWORD"]);
  });

  it("is refused with the name of a variable, in whichever form it arrives", () => {
    const both = (variable: string, more: object) =>
      paths({ environment: { [variable]: "x" }, ...more }, ["KEY"]);
    assert.deepEqual(both("KEY", { secrets: ["KEY"] }), ["apps.api.environment.KEY"]);
    assert.deepEqual(both("MINE", { secrets: { MINE: "KEY" } }), ["apps.api.environment.MINE"]);
    assert.deepEqual(both("KEY", { secrets: { MINE: "KEY" } }), []);
    assert.deepEqual(both("KEY_FILE", { secrets: ["KEY"] }), ["apps.api.environment.KEY_FILE"]);
    assert.deepEqual(both("KEY_FILE", { secrets: ["KEY"], secretsAs: "environment" }), []);
    const environment = { KEY: "Bearer {{secrets.KEY}}" };
    const [found] = problems({ environment, secrets: ["KEY"] }, {}, ["KEY"]);
    assert.match(found!.message, /found KEY, which apps\.api\.secrets\[0\] sets too/);
    assert.match(found!.remedy, /secrets: \{OTHER_NAME: KEY\}/);
  });

  it("may be the URL of a database of one's own, where the stack gives none", () => {
    const secrets = ["DATABASE_URL"];
    assert.deepEqual(paths({ secrets }, secrets, { database: { enabled: false } }), []);
    assert.deepEqual(paths({ secrets }, secrets), []);
    assert.deepEqual(paths({ secrets: { DATABASE_URL: "OLD_URL" } }, ["OLD_URL"]), []);
    assert.deepEqual(paths({ secrets, needs: ["database"] }, secrets), ["apps.api.secrets[0]"]);
    const [missing] = problems({ secrets });
    assert.match(missing!.remedy, /^List database under needs, and the stack makes it; or, .*config set/);
  });
});
