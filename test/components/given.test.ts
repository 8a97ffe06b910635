import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { fillIn, type Given } from "../../components/app/given.ts";
import { credential } from "../../components/service/credential.ts";

const secret = (name: string, fingerprint = `mark of ${name}`) => ({
  value: pulumi.secret(`<${name}>`),
  fingerprint,
});
const role = { name: "role" } as unknown as pulumi.Resource;

function given(password = secret("pw")): Given {
  const database = credential("DATABASE_URL", (text) => `postgres://u:${text}@h`, password, role, {
    host: "h",
    user: "u",
  });
  return { plain: { domain: "shop.test" }, credentials: { database }, secret: (name) => secret(name) };
}

/** Variables of an application with this environment; secret ones as text too. */
async function filled(environment: Record<string, string>, from = given()) {
  const { environment: plain, secrets } = fillIn({ environment, secrets: { MAIL: "SMTP" } }, from);
  const values = await Promise.all(
    secrets.map(
      async ({ variable, value }) =>
        [variable, await new Promise((done) => pulumi.output(value).apply(done))] as const,
    ),
  );
  return { plain, secrets, values: Object.fromEntries(values) };
}

describe("what the stack gives an application", () => {
  it("fills names in: plain ones stay variables, and one with a secret in it becomes a secret", async () => {
    const { plain, values } = await filled({
      SITE: "https://{{domain}}/",
      PGHOST: "{{database.host}}",
      PGPASSWORD: "{{database.password}}",
      DSN: "smtp://me:{{secrets.MAIL}}@{{domain}}",
    });
    assert.deepEqual(plain, { SITE: "https://shop.test/", PGHOST: "h" });
    assert.deepEqual(values, {
      DATABASE_URL: "postgres://u:%3Cpw%3E@h",
      MAIL: "<SMTP>",
      PGPASSWORD: "<pw>",
      DSN: "smtp://me:<SMTP>@shop.test",
    });
  });

  it("has a shaped value instead of the credential of that name, and waits for what is in it", async () => {
    const { secrets, values } = await filled({ DATABASE_URL: "x://{{database.password}}" });
    assert.deepEqual(values, { MAIL: "<SMTP>", DATABASE_URL: "x://<pw>" });
    assert.deepEqual(secrets.at(-1)!.ready, [role]);
  });

  it("is another one with another password, or another text around it", async () => {
    const text = { A: "a{{database.password}}" };
    const mark = async (environment: Record<string, string>, from?: Given): Promise<string> =>
      (await filled(environment, from)).secrets.at(-1)!.fingerprint;
    assert.equal(await mark(text), await mark(text));
    assert.notEqual(await mark(text), await mark(text, given(secret("pw", "another"))));
    assert.notEqual(await mark(text), await mark({ A: "b{{database.password}}" }));
    assert.doesNotMatch(await mark(text), /pw/);
  });

  it("changes nothing where no value names anything: the release stays the same", async () => {
    const environment = { B: "1", A: "{}" };
    const { plain, secrets } = await filled(environment);
    assert.deepEqual(Object.entries(plain), Object.entries(environment));
    assert.deepEqual(
      secrets.map(({ variable }) => variable),
      ["DATABASE_URL", "MAIL"],
    );
  });
});
