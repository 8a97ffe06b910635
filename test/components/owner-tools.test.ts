import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { python } from "./support/python.ts";

const HOLDS = { name: "shop", database: { name: "shop", owner: "shop" }, cache: true };
const SHOP = { project: "fairlead", stack: "prod", name: "shop", id: "one", holds: HOLDS };
const OTHER = { ...SHOP, stack: "other", name: "other", id: "two", holds: { ...HOLDS, name: "other" } };

/** One server after another: what is on it, and who wants to own it. */
describe("the owner of a server", () => {
  let server: string;
  beforeEach(() => (server = mkdtempSync(join(tmpdir(), "fairlead-owner-"))));
  afterEach(() => rmSync(server, { recursive: true }));

  /** Runs lines on the server; `docker` answers what is told, and each line's value, or its refusal, comes back. */
  function on(docker: Record<string, string>, ...lines: string[]): unknown[] {
    const program = lines.map((line) => `attempt(lambda: ${line})`).join("\n");
    return python(`
from types import SimpleNamespace
from fairlead import files, holds, owner
owner.MANIFESTS, owner.MARKER = ${JSON.stringify(server)}, ${JSON.stringify(join(server, "owner.json"))}
owner.LOCK = ${JSON.stringify(join(server, "lock"))}
docker = ${JSON.stringify(docker)}
def fake(argv, **_):
  return SimpleNamespace(stdout=docker.get(" ".join(argv[1:3]), ""), returncode=0)
holds.run = fake
result = []
def attempt(work):
  try:
    result.append(work())
  except HostError as error:
    result.append(str(error))
def claim(when, wanted):
  owner.claim({"when": when, **wanted})
${program}`) as unknown[];
  }

  const claim = (when: "create" | "update", wanted: object): string =>
    `claim(${JSON.stringify(when)}, json.loads(${JSON.stringify(JSON.stringify(wanted))}))`;
  const may = (verb: string, ownerId?: string): string =>
    `owner.allowed(${JSON.stringify(verb)}, ${JSON.stringify(ownerId ? { ownerId } : {})})`;
  const old = { "ps --all": "c1", "inspect c1": "", "volume ls": "postgres_data redis_data" };
  const legacy = (more: object = {}): Record<string, string> => ({
    ...old,
    "inspect c1": JSON.stringify([
      {
        Config: {
          Labels: { app: "shop", service: "postgres", "managed-by": "fairlead" },
          Env: ["PGDATA=/data", "POSTGRES_DB=shop"],
          Healthcheck: { Test: ["CMD", "pg_isready", "-h", "127.0.0.1", "-U", "shop", "-d", "shop"] },
        },
      },
    ]),
    ...more,
  });
  const before = (): void => {
    mkdirSync(server, { recursive: true });
    writeFileSync(join(server, "database.json"), "[]");
  };

  it("is who came first; another is refused and told how to take over, and the first one goes on", () => {
    const [first, second, again] = on(
      {},
      claim("create", SHOP),
      claim("create", OTHER),
      claim("create", SHOP),
    );
    assert.deepEqual([first, again], [null, null]);
    assert.match(
      String(second),
      /belongs to the stack prod of fairlead \(system shop, one\)\. Nothing was changed\./,
    );
    assert.match(String(second), /fairlead disown one$/);
  });

  it("is another one with a second state of the same stack", () => {
    const [, copy] = on({}, claim("create", SHOP), claim("create", { ...SHOP, id: "rebuilt" }));
    assert.match(String(copy), /belongs to the stack prod/);
  });

  it("alone changes it, verb by verb; a call without a name takes nothing away", () => {
    const [, ...answers] = on(
      {},
      claim("create", SHOP),
      ...[may("apply", "one"), may("remove", "one"), may("renew"), may("unsshd")],
      ...[may("apply", "two"), may("switch", "two"), may("remove")],
      ...['owner.leave({"id": "two"})', "owner.leave({})", 'owner.leave({"id": "one"})'],
    );
    assert.deepEqual(answers.slice(0, 4), [null, null, null, null]);
    for (const refused of answers.slice(4, 9)) assert.match(String(refused), /belongs to the stack prod/);
    assert.equal(answers[9], null);
  });

  it("gives it away deliberately, by its identity, and then is refused itself", () => {
    const answers = on(
      {},
      claim("create", SHOP),
      ...['owner.disown("two")', 'owner.disown("one")', may("apply", "one"), 'owner.disown("one")'],
      ...[claim("create", OTHER), may("apply", "one"), claim("update", SHOP)],
    );
    assert.match(String(answers[1]), /identity is one, not two: nothing was changed/);
    assert.match(String(answers[2]), /no longer owns this server[^]*docker rm -f .*label=app=shop/);
    assert.match(String(answers[3]), /given away/);
    assert.match(String(answers[4]), /no stack owns this server/);
    assert.equal(answers[5], null);
    for (const refused of answers.slice(6)) assert.match(String(refused), /belongs to the stack other/);
  });

  it("is adopted on a server of before by its own stack's update, and by no other's first", () => {
    before();
    const [refused] = on(legacy(), claim("create", OTHER));
    assert.match(String(refused), /already belongs to a stack, from a version that left no name/);
    const [adopted, leftover, stranger] = on(
      legacy(),
      ...[claim("update", SHOP), may("remove"), claim("create", OTHER)],
    );
    assert.deepEqual(
      [adopted, leftover],
      [null, null],
      "what that version made is taken away without a name",
    );
    assert.match(String(stranger), /belongs to the stack prod/);
  });

  it("isn't adopted where data would be left behind: what containers of before tell is compared", () => {
    before();
    const renamed = { ...SHOP, holds: { ...HOLDS, database: { name: "other", owner: "shop" } } };
    const [refused, right] = on(legacy(), claim("update", renamed), claim("update", SHOP));
    assert.match(String(refused), /^database\.name: shop → other would leave data behind/);
    assert.equal(right, null);
  });

  it("isn't a stack that was deployed elsewhere; a box that is built anew has its engine's volumes", () => {
    const [moved] = on({}, claim("update", SHOP));
    assert.match(String(moved), /prod was deployed before, and this server has nothing of it/);
    assert.match(String(moved), /put the old one back[^]*--forget/);
    assert.deepEqual(on({ "volume ls": "shop_postgres_data" }, claim("update", SHOP)), [null]);
    assert.deepEqual(on({ "volume ls": "redis_data" }, claim("update", SHOP)), [null]);
    const empty = { ...SHOP, holds: { name: "shop", database: null, cache: false } };
    rmSync(join(server, "owner.json"));
    assert.deepEqual(on({}, claim("update", empty)), [null], "nothing to leave behind");
  });

  const changes: [string, string, object][] = [
    ["name", "name: shop → shop2", { ...HOLDS, name: "shop2" }],
    ["database.name", "database.name: shop → x", { ...HOLDS, database: { ...HOLDS.database, name: "x" } }],
    ["database.owner", "database.owner: shop → x", { ...HOLDS, database: { ...HOLDS.database, owner: "x" } }],
    ["database", "database.enabled: true → false", { ...HOLDS, database: null }],
    ["cache", "cache.enabled: true → false", { ...HOLDS, cache: false }],
  ];
  for (const [key, words, holds] of changes)
    it(`keeps ${key} while data depends on it, until a person lets it go, once`, () => {
      const changed = claim("update", { ...SHOP, holds });
      const [, refused, spoken, passed, back] = on(
        {},
        ...[claim("create", SHOP), changed, `owner.forget(${JSON.stringify(key)})`, changed],
        claim("update", SHOP),
      );
      assert.ok(String(refused).startsWith(`${words} would leave data behind`), String(refused));
      assert.match(String(refused), new RegExp(`fairlead forget ${key}$`));
      assert.match(String(spoken), new RegExp(`may change ${key}`));
      assert.equal(passed, null);
      if (holds === null || key === "database" || key === "cache") assert.equal(back, null, "on again");
      else assert.match(String(back), /would leave data behind/);
    });

  it("is told what a marker that nobody can read is", () => {
    writeFileSync(join(server, "owner.json"), "{");
    const [refused] = on({}, claim("create", SHOP));
    assert.match(String(refused), /owner\.json can't be read[^]*Nothing was changed/);
  });

  it("lets nothing go that no data depends on", () => {
    const [, refused] = on({}, claim("create", SHOP), 'owner.forget("edge")');
    assert.match(
      String(refused),
      /no data depends on 'edge' here; known: name, database, database\.name, .*cache/,
    );
  });
});
