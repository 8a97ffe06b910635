import assert from "node:assert/strict";
import { units } from "../src/families/units.ts";
import type { Answers } from "../src/inside/look.ts";
import { ABOUT, healthy, type Evidence } from "./healthy.ts";

/** What is said of the updates of a healthy server after a change. */
function updates(change: (upgrades: Evidence["units"]["upgrades"]) => void): string {
  const evidence = healthy().units;
  change(evidence.upgrades);
  return units.checks.find(({ id }) => id === "units.updates")!.judge(evidence, ABOUT).result;
}

describe("audit: updates and renewals that only look as if they ran", () => {
  it("fails the timer of apt without unattended-upgrades, and with it switched off", () => {
    assert.equal(
      updates((upgrades) => (upgrades.installed = false)),
      "fail",
    );
    assert.equal(
      updates((upgrades) => (upgrades.every = "0")),
      "fail",
    );
  });

  it("doesn't take certbot's cron line, which does nothing where systemd runs, for a renewal", () => {
    const line =
      "0 */12 * * * root test -x /usr/bin/certbot -a \\! -d /run/systemd/system && perl -e 'sleep int(rand(43200))' && certbot -q renew";
    const out = (text: string): Answers[string] => ({ code: 0, out: text, err: "" });
    const answers: Answers = {
      show: out(""),
      failed: out(""),
      timers: out(""),
      upgrader: out("[]"),
      table: out(""),
      tables: out(`${line}\n0 3 * * * root /usr/local/bin/backup\n`),
      own: out(""),
      upgrades: out('APT::Periodic::Unattended-Upgrade "1";\n'),
    };
    const read = units.read(answers, ABOUT) as Evidence["units"];
    assert.deepEqual(read.cron, ["0 3 * * * root /usr/local/bin/backup"]);
    assert.deepEqual(read.upgrades, { installed: false, every: "1" });
  });

  it("takes a socket that starts sshd for a running one, as on newer Ubuntu, but not a stopped one", () => {
    const judged = (active: string): string => {
      const evidence = healthy().units;
      evidence.units["ssh.service"]!.enabled = "disabled";
      evidence.units["ssh.socket"] = { load: "loaded", active, enabled: "enabled" };
      return units.checks.find(({ id }) => id === "units.ssh")!.judge(evidence, ABOUT).result;
    };
    assert.deepEqual([judged("active"), judged("inactive")], ["pass", "fail"]);
  });
});
