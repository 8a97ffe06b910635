import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostInputs } from "../../config/host/index.ts";
import { releaseName } from "../../components/app/identity.ts";
import { jobsInput } from "../../components/app/jobs.ts";
import { MINIMAL, parsed } from "../support/settings.ts";

const nightly = {
  command: ["clean", "--older", "30 days"],
  schedule: "0 2 1 * 1",
  timeZone: "Europe/Paris",
  timeout: "10 min",
  retries: 2,
  memory: "64 MB",
};

/** An application with these jobs, as the program has it. */
function settings(jobs: object): ReturnType<typeof parsed>["config"]["apps"][string] {
  return parsed({ ...MINIMAL, apps: { api: { ...MINIMAL.apps.api, jobs } } }).config.apps.api!;
}

describe("the jobs of an application", () => {
  const releases = [
    { identity: "api-1", weight: 10, containers: ["api-1-1"] },
    { identity: "api-2", weight: 90, containers: ["api-2-1"] },
  ];
  const app = settings({ nightly, daily: { command: ["true"], schedule: "@daily" } });
  // Everything is known here, so nothing is an output.
  const input = jobsInput("api", app, releases, "/opt/shop/metrics") as HostInputs["jobs"];

  it("run in the release with most of the traffic, by name", () => {
    assert.deepEqual([input.release, input.containers], ["api-2", ["api-2-1"]]);
    assert.deepEqual(
      input.jobs.map(({ name }) => name),
      ["daily", "nightly"],
    );
  });

  it("have all their times in their zone, their limit in bytes, and a service that waits for every try", () => {
    const [daily, one] = input.jobs;
    const calendars = ["*-*-01 02:00:00 Europe/Paris", "Mon *-*-* 02:00:00 Europe/Paris"];
    assert.deepEqual([one!.calendars, one!.memory, one!.timeout], [calendars, 64 * 1024 ** 2, 600]);
    assert.deepEqual([daily!.calendars, daily!.memory], [["*-*-* 00:00:00"], undefined]);
    assert.match(one!.unit.timer!, /OnCalendar=\*-\*-01 02:00:00 Europe\/Paris\nOnCalendar=Mon /);
    const longest = Number(/TimeoutStartSec=(\d+)/.exec(one!.unit.service!)![1]);
    assert.ok(longest > 3 * (600 + 30) + 10 + 20, String(longest));
  });

  it("are no part of a release's identity", () => {
    const names = [settings({}), app].map((one) => releaseName("api", "i@sha256:1", one, []));
    assert.equal(names[0], names[1]);
  });

  const present = spawnSync("systemd-analyze", ["--version"]).status === 0;
  const title = "have units that systemd accepts";
  if (!present) it.skip(`${title} (skipped: systemd-analyze is missing)`, () => undefined);
  else
    it(title, () => {
      const folder = mkdtempSync(join(tmpdir(), "fairlead-units-"));
      const paths = input.jobs.flatMap(({ unit }) =>
        (["service", "timer"] as const).map((kind) => {
          const path = join(folder, unit.name.replace(/timer$/, kind));
          // The tools are on a server only.
          writeFileSync(path, unit[kind]!.replace("/usr/local/bin/fairlead", "/bin/true"));
          return path;
        }),
      );
      const { stderr } = spawnSync("systemd-analyze", ["verify", "--man=no", ...paths], { encoding: "utf8" });
      rmSync(folder, { recursive: true });
      assert.equal(paths.length, 4);
      assert.deepEqual(
        stderr.split("\n").filter((line) => line.includes("fairlead-job-")),
        [],
      );
    });
});
