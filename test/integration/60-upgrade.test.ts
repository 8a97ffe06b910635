import assert from "node:assert/strict";
import { Client } from "./support/client.ts";
import { OldProject, oldVersionMissing, RELEASED } from "./support/old-project.ts";
import { World } from "./support/world.ts";

const missing = oldVersionMissing();

/** What somebody has who brought a stack up with the last version and then pulls this one. */
(missing ? describe.skip : describe)(
  `a stack of version ${RELEASED}${missing ? ` (skipped: ${missing})` : ""}`,
  function () {
    this.timeout(900_000);
    let project: OldProject;
    const old = new World("staging", () => (project = new OldProject()));
    let kept: { items: string; counter: string; secrets: string; authority: string };
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
      visitor = new Client(old.out);
      kept = {
        items: names((await visitor.ask("/api/items")).body),
        counter: (await visitor.json<{ value: number }>("/api/counter")).value.toString(),
        secrets: await secrets(),
        authority: old.out.certificate!,
      };
      assert.deepEqual([kept.items, kept.counter], ["first,second", "1"]);
      project.update();
    });
    after(() => visitor?.close());

    it("is updated by npm run up of this one, and serves", async () => {
      const { changed, probes } = await old.up();
      assert.ok(changed > 0);
      assert.ok(probes.length === 2 && probes.every(({ ok }) => ok));
    });

    it("keeps its data, in the database and in the cache", async () => {
      assert.equal(names((await visitor.ask("/api/items")).body), kept.items);
      const { value } = await visitor.json<{ value: number }>("/api/counter");
      assert.equal(String(value), kept.counter);
    });

    it("keeps its secrets, and the application has them", async () => {
      assert.equal(await secrets(), kept.secrets);
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
  },
);

/** Names of items, in their order. */
function names(body: string): string {
  const { items } = JSON.parse(body) as { items: { name: string }[] };
  return items
    .map(({ name }) => name)
    .sort()
    .join();
}
