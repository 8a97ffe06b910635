import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Client } from "./support/client.ts";
import { OldProject, oldVersionMissing, RELEASED } from "./support/old-project.ts";
import { Visitor } from "./support/visitor.ts";
import { World } from "./support/world.ts";

const ROOT = resolve(__dirname, "..", "..");

const missing = oldVersionMissing();

/** What a user has who brought a stack up with the last version and then pulls this one. */
(missing ? describe.skip : describe)(
  `a stack of version ${RELEASED}${missing ? ` (skipped: ${missing})` : ""}`,
  function () {
    this.timeout(900_000);
    let project: OldProject;
    const old = new World("staging", () => (project = new OldProject()));
    let kept: Kept;
    /** Trusts what a visitor of before trusts. */
    let visitor: Client;

    const secrets = async (): Promise<string> => {
      const shown = ["config", "--show-secrets", "--json", "--stack", "staging", "--non-interactive"];
      const all = JSON.parse((await old.project.pulumi(shown)).stdout) as Record<
        string,
        { value: string; secret: boolean }
      >;
      return JSON.stringify(
        Object.entries(all)
          .filter(([, { secret }]) => secret)
          .sort(),
      );
    };

    const psql = async (statement: string): Promise<string> => {
      const command = ["docker", "exec", "-u", "postgres", "maicivy_postgres"];
      const ran = await old.ssh([...command, "psql", "-XAtq", "-d", "maicivy", "-c", statement]);
      assert.equal(ran.exitCode, 0, String(ran.stderr));
      return String(ran.stdout).trim();
    };
    const rows = (): Promise<string> =>
      psql("SELECT count(*), md5(string_agg(body, ',' ORDER BY id)) FROM kept");
    /** Everything that must be the same afterwards. */
    const look = async (): Promise<Kept> => ({
      items: names((await visitor.ask("/api/items")).body),
      counter: (await visitor.json<{ value: number }>("/api/counter")).value,
      rows: await rows(),
      file: String((await old.ssh(["sha256sum", FILE])).stdout),
      volumes: await volumes(),
      running: await containers("postgres", "redis", "switch"),
      secrets: await secrets(),
      authority: old.out.certificate!,
    });
    /** Name and birth of each volume. */
    const volumes = async (): Promise<string> => {
      const list = ["docker", "volume", "ls", "--quiet", "--filter", "name=maicivy"];
      const found = String((await old.ssh(list)).stdout)
        .trim()
        .split("\n");
      const inspect = ["docker", "volume", "inspect", "--format", "{{.Name}} {{.CreatedAt}}", ...found];
      return String((await old.ssh(inspect)).stdout);
    };
    const containers = async (...services: string[]): Promise<string> => {
      const inspect = ["docker", "inspect", "--format", "{{.Name}} {{.Id}} {{.State.StartedAt}}"];
      return String((await old.ssh([...inspect, ...services.map((name) => `maicivy_${name}`)])).stdout);
    };

    before("the stack, with data and a secret of its own", async () => {
      await old.ready();
      const set = ["config", "set", "--secret", "CLAUDE_API_KEY", "--stack", "staging"];
      assert.equal((await old.project.pulumi(set, "sk-ant-kept")).exitCode, 0);
      await old.declare((file) =>
        file.setIn(["config", "fairlead:apps", "backend", "secrets"], ["CLAUDE_API_KEY"]),
      );
      const headers = { "content-type": "application/json" };
      for (const name of ["first", "second"])
        await old.client.ask("/api/items", { method: "POST", headers, body: JSON.stringify({ name }) });
      await old.client.ask("/api/counter", { method: "POST" });
      await psql("CREATE TABLE kept AS SELECT id, md5(id::text) AS body FROM generate_series(1, 1000) id");
      assert.equal((await old.ssh(["tee", FILE], "a dump, for example\n")).exitCode, 0);
      visitor = new Client(old.out);
      kept = await look();
      assert.deepEqual([kept.items, kept.counter], ["first,second", 1]);
      assert.match(kept.rows, /^1000\|/);
      project.update();
    });
    after(() => visitor?.close());

    it("is updated by npm run up of this one, and serves", async () => {
      const asking = new Visitor(old.out, ["/", "/api/items"]);
      const { changed, probes } = await old.up().finally(() => asking.stop());
      const { interruptions } = asking;
      assert.ok(changed > 0);
      assert.ok(probes.length === 2 && probes.every(({ ok }) => ok));
      assert.ok(asking.count > 20, `${asking.count} questions`);
      for (const path of ["/", "/api/items"]) {
        const mine = interruptions.filter((one) => one.path === path);
        const seconds = mine.reduce((sum, { milliseconds }) => sum + milliseconds, 0) / 1000;
        assert.ok(seconds <= announced(), `${path}: ${JSON.stringify(mine)}`);
      }
    });

    it("keeps its data, in the database and in the cache, its files, volumes, secrets, and the containers that docs/upgrading.md says run on", async () => {
      assert.deepEqual(await look(), kept);
    });

    it("gives the application the secret that it had", async () => {
      const { release } = await visitor.json<{ release: string }>("/api/release");
      const file = await old.ssh(["cat", `/opt/maicivy/secrets/${release}/CLAUDE_API_KEY`]);
      assert.equal(file.stdout, "sk-ant-kept");
    });

    it("keeps the authority that its visitors trust", async () => {
      assert.equal(old.out.certificate, kept.authority);
      assert.equal((await visitor.ask("/health/deep")).status, 200);
    });

    it("leaves nothing to do the second time", async () => {
      const again = await old.up();
      assert.deepEqual([again.changed, again.repaired], [0, []]);
    });

    it("goes back as docs/upgrading.md says, with its rows", async () => {
      const exec = ["docker", "exec", "-i", "-u", "postgres", "maicivy_postgres"];
      const dump = await old.ssh([...exec, "pg_dump", "--clean", "--if-exists", "maicivy"]);
      assert.equal(dump.exitCode, 0, String(dump.stderr));
      const down = await project.run("down", "--stack", "staging", "--yes");
      assert.equal(down.exitCode, 0, down.stderr);
      project.goBack();
      const { probes } = await old.up();
      assert.ok(probes.length === 2 && probes.every(({ ok }) => ok));
      const load = [...exec, "psql", "-Xq", "-v", "ON_ERROR_STOP=1", "maicivy"];
      const loaded = await old.ssh(load, String(dump.stdout));
      assert.equal(loaded.exitCode, 0, String(loaded.stderr));
      assert.equal(names((await old.client.ask("/api/items")).body), kept.items);
      assert.equal(await rows(), kept.rows);
    });
  },
);

interface Kept {
  items: string;
  counter: number;
  rows: string;
  file: string;
  volumes: string;
  running: string;
  secrets: string;
  authority: string;
}

/** What a person has put beside the stack's own files. */
const FILE = "/opt/maicivy/backups/dump.sql";

/** Seconds without an answer that docs/upgrading.md announces for the update from that version. */
function announced(): number {
  const text = readFileSync(join(ROOT, "docs", "upgrading.md"), "utf8");
  const row = new RegExp(`^\\| \`${RELEASED}\`.*\\| (\\d+) s +\\|$`, "m").exec(text);
  assert.ok(row, `docs/upgrading.md announces nothing for ${RELEASED}`);
  return Number(row[1]);
}

/** Names of items, in their order. */
function names(body: string): string {
  const { items } = JSON.parse(body) as { items: { name: string }[] };
  return items
    .map(({ name }) => name)
    .sort()
    .join();
}
