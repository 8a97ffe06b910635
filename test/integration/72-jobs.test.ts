import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import { z } from "zod";
import { jobStatus, type JobStatus } from "../../automation/lib/jobs.ts";
import { until } from "./support/box.ts";
import { torture } from "./support/torture/world.ts";
import type { Ran } from "./support/project.ts";

const answer = z.object({ jobs: z.array(jobStatus) });

/** Never by itself while the tests run. */
const NEVER = "0 0 29 2 *";

/** How many programs on the box follow logs. */
const FOLLOWERS = ["sh", "-c", "pgrep -fc '[f]airlead logs|[d]ocker logs' || true"];

const node = (program: string): string[] => ["node", "-e", program];

const JOBS = {
  report: {
    command: node("console.log('served by', process.env.RELEASE, process.env.VERSION)"),
    schedule: "30 3 * * 1-5",
    timeZone: "Europe/Paris",
  },
  broken: {
    command: node("console.log('before'); console.error('no such table'); process.exit(3)"),
    schedule: NEVER,
    retries: 1,
  },
  endless: { command: node("setInterval(() => {}, 1000)"), schedule: NEVER, timeout: "2 s" },
  // Until it is told: a release comes and goes meanwhile.
  long: {
    command: node(
      "const fs = require('fs'); setInterval(() => { console.log('tick', fs.readFileSync('/run/secrets/KEY', 'utf8')); if (fs.existsSync('/tmp/end')) process.exit(0) }, 200)",
    ),
    schedule: NEVER,
    memory: "96 MB",
  },
};

describe("jobs, one-offs and logs of an application", function () {
  this.timeout(300_000);

  before("the torture application with jobs", async () => {
    await torture.ready();
    await torture.project.pulumi(["config", "set", "--secret", "KEY", "--stack", "torture"], "s3cret");
    await torture.declare((file) => {
      file.setIn([...torture.app(), "jobs"], file.createNode(JOBS));
      file.setIn([...torture.app(), "secrets"], file.createNode(["KEY"]));
      file.setIn([...torture.app(), "stop"], "3 s");
    });
  });

  const verb = (name: string, ...args: string[]): Promise<Ran> =>
    torture.project.run(name, "--stack", "torture", ...args);

  async function statuses(): Promise<Record<string, JobStatus>> {
    const { stdout, exitCode } = await verb("jobs", "--json");
    assert.equal(exitCode, 0, stdout);
    const { jobs } = answer.parse(JSON.parse(stdout));
    return Object.fromEntries(jobs.map((one) => [one.job, one]));
  }

  async function runNow(job: string): Promise<{ exitCode?: number; status: JobStatus }> {
    const { stdout, stderr, exitCode } = await verb("jobs", "--run", `torture/${job}`, "--json");
    const { jobs } = answer.parse(JSON.parse(stdout || stderr));
    return { exitCode, status: jobs[0]! };
  }

  const onBox = async (...argv: string[]): Promise<string> => {
    const { stdout, stderr, exitCode } = await torture.ssh(argv);
    assert.equal(exitCode, 0, `${argv.join(" ")}: ${stderr}`);
    return stdout.trim();
  };

  it("have timers of systemd, in their time zone, and none has run by itself", async () => {
    const { report, long } = await statuses();
    assert.deepEqual(report!.calendars, ["Mon,Tue,Wed,Thu,Fri *-*-* 03:30:00 Europe/Paris"]);
    assert.ok(report!.timer && report!.result === null, JSON.stringify(report));
    const next = new Date(report!.next! * 1000);
    const hour = new Intl.DateTimeFormat("en", {
      timeZone: "Europe/Paris",
      hour: "numeric",
      hourCycle: "h23",
    });
    assert.equal(hour.format(next), "03");
    assert.ok(next.getTime() > Date.now() && next.getTime() < Date.now() + 4 * 86_400_000);
    assert.equal(new Date(long!.next! * 1000).toISOString().slice(4, 10), "-02-29");
    assert.match(await onBox("systemctl", "cat", "fairlead-job-torture.report.timer"), /^OnCalendar=Mon,/m);
  });

  it("run in the image and with the settings of the release that serves", async () => {
    const { exitCode, status } = await runNow("report");
    assert.equal(exitCode, 0);
    assert.equal(status.result!.state, "succeeded");
    assert.deepEqual(status.result!.lines, [`served by ${status.release} first`]);
    assert.match(status.release, /^torture-[0-9a-f]{10}$/);
    assert.match(
      await onBox("journalctl", "-u", "fairlead-job-torture.report.service", "-o", "cat", "--no-pager"),
      /served by torture-.* first\ntorture\/report succeeded/,
    );
  });

  it("show how they failed, once they were tried again, and the server is well all the same", async () => {
    const { exitCode, status } = await runNow("broken");
    assert.equal(exitCode, 1);
    const { state, code, tries, lines, words } = status.result!;
    assert.deepEqual([state, code, tries, words], ["failed", 3, 2, "exit code 3"]);
    assert.deepEqual([...lines].sort(), ["before", "no such table"]);
    const { stdout } = await verb("jobs");
    assert.match(stdout, /torture\/broken +failed: exit code 3 \(2 tries\)/);
    assert.match(stdout, /Last lines of torture\/broken:\n(?: {2}.*\n)* {2}no such table/);
    assert.equal(await onBox("systemctl", "is-system-running"), "running");
  });

  it("end when their time is over, and leave no container", async () => {
    const { exitCode, status } = await runNow("endless");
    assert.equal(exitCode, 1);
    assert.deepEqual([status.result!.state, status.result!.words], ["timed out", "did not end within 2 s"]);
    assert.equal(await onBox("docker", "ps", "-aq", "--filter", "label=task=job"), "");
  });

  it("are metrics in one folder", async () => {
    const text = await onBox("sh", "-c", "cat /opt/torture/metrics/*.prom");
    assert.match(text, /^fairlead_job_failed\{app="torture",job="broken"\} 1$/m);
    assert.match(text, /^fairlead_job_failed\{app="torture",job="report"\} 0$/m);
    assert.match(text, /^fairlead_job_runs_total\{app="torture",job="report"\} 1$/m);
    assert.match(text, /^fairlead_job_next_run_timestamp_seconds\{app="torture",job="report"\} \d+$/m);
  });

  it("appear in drift, whose repair brings a timer back that was stopped", async () => {
    const clean = await verb("drift");
    assert.equal(clean.exitCode, 0, clean.stdout + clean.stderr);
    assert.match(clean.stdout, /as it was declared[^]*torture\/broken +failed/);
    await onBox("systemctl", "disable", "--now", "fairlead-job-torture.report.timer");
    assert.match((await verb("jobs")).stdout, /torture\/report .* timer is off/);
    const { exitCode, stdout } = await verb("drift");
    assert.equal(exitCode, 1);
    assert.match(stdout, /unit fairlead-job-torture\.report\.timer active: active → inactive/);
    await torture.up();
    assert.equal((await verb("drift")).exitCode, 0);
    assert.equal((await statuses()).report!.result!.runs, 1, "the repair didn't run it");
  });

  it("go on while their release is replaced and deleted, never twice, and belong to the new one then", async () => {
    const running = verb("jobs", "--run", "torture/long", "--json");
    const is = async (): Promise<boolean> => (await statuses()).long!.running;
    for (let tries = 0; !(await is()) && tries < 20; tries++) await sleep(250);
    const twice = await verb("jobs", "--run", "torture/long");
    assert.match(twice.stderr, /torture\/long runs already/);
    const old = (await statuses()).long!.release;
    await torture.release({ VERSION: "second" });
    assert.equal(
      await onBox("docker", "ps", "-aq", "--filter", `name=${old}`),
      "",
      "the old release is gone",
    );
    const { long, report } = await statuses();
    assert.ok(long!.running, "the job survives");
    assert.notEqual(report!.release, old);
    const { status } = await runNow("report");
    assert.deepEqual(status.result!.lines, [`served by ${report!.release} second`]);
    await onBox("docker", "exec", "job-torture.long", "touch", "/tmp/end");
    const { jobs } = answer.parse(JSON.parse((await running).stdout));
    const { state, lines, release } = jobs[0]!.result!;
    assert.deepEqual([state, release], ["succeeded", old], JSON.stringify(jobs[0]));
    assert.ok(lines.length === 20 && lines.every((line) => line === "tick s3cret"), lines.join("\n"));
    assert.equal(await onBox("sh", "-c", "ls /opt/torture/secrets | grep -c job- || true"), "0");
  });

  it("one-offs have the settings of the release, standard input, and pass their exit code on", async () => {
    const args = ["--stack", "torture", "--app", "torture", "--"];
    const program =
      "process.stdin.on('data', (d) => console.log(process.env.VERSION, String(d).trim())).on('end', () => process.exit(7))";
    const script = ["automation/bootstrap.mjs", "automation/cli.ts", "run", ...args, ...node(program)];
    const { exitCode, stdout, stderr } = await torture.project.exec("node", script, {}, 'it\'s "$HOME"\n');
    assert.deepEqual([exitCode, stdout.trim()], [7, `second it's "$HOME"`], stderr);
    assert.equal(await onBox("docker", "ps", "-aq", "--filter", "label=task=one-off"), "");
    const inside = await torture.project.run("exec", ...args, "sh", "-c", "echo $VERSION; exit 5");
    assert.deepEqual([inside.exitCode, inside.stdout.trim()], [5, "second"], inside.stderr);
    const unknown = await verb("run", "--app", "shop", "--", "true");
    assert.match(unknown.stderr, /torture has no application shop\.\n.*Known here: torture\./);
  });

  it("has a terminal at both ends where there is one here", async () => {
    const command =
      "node automation/bootstrap.mjs automation/cli.ts run --stack torture --app torture -- sh -c 'test -t 0 && test -t 1 && echo a terminal; exit 4'";
    const { stdout, exitCode } = await torture.project.exec("script", ["-qec", command, "/dev/null"]);
    assert.match(stdout, /a terminal/);
    assert.equal(exitCode, 4);
  });

  it("shows the logs of all containers in order, with their release, as far as they are asked for", async () => {
    const line = z.object({ time: z.string(), release: z.string(), container: z.string(), text: z.string() });
    const { stdout, stderr, exitCode } = await verb("logs", "--app", "torture", "--since", "1h", "--json");
    assert.equal(exitCode, 0, stderr);
    const lines = stdout
      .trim()
      .split("\n")
      .map((text) => line.parse(JSON.parse(text)));
    assert.ok(lines.length > 0);
    assert.deepEqual(
      lines.map(({ time }) => time),
      lines.map(({ time }) => time).sort(),
    );
    const { release } = (await statuses()).report!;
    assert.ok(lines.every((one) => one.release === release && one.container.startsWith(release)));
    const none = await verb("logs", "--app", "torture", "--grep", "no line has this");
    assert.deepEqual([none.exitCode, none.stdout.trim()], [0, ""]);
    const bad = await verb("logs", "--app", "torture", "--grep", "(");
    assert.match(bad.stderr, /"\(" is no regular expression|'\(' is no regular expression/);
  });

  /** A verb that goes on until Ctrl-C: what it has said, when that is as it should be, and how it ends. */
  function begun(...args: string[]) {
    const child = execa("node", ["automation/bootstrap.mjs", "automation/cli.ts", ...args], {
      cwd: torture.project.folder,
      reject: false,
      timeout: 120_000,
    });
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    return {
      says: (what: RegExp) => until(`${what} from ${args[0]}`, 60, () => Promise.resolve(what.test(said))),
      interrupt: async (): Promise<{ said: string; exitCode?: number }> => {
        child.kill("SIGINT");
        const { exitCode, stderr } = await child;
        return { said: said + stderr, exitCode };
      },
    };
  }

  it("follows the logs of containers that come, until Ctrl-C, which also ends a one-off", async () => {
    const place = ["--stack", "torture", "--app", "torture"];
    const logs = begun("logs", ...place, "--follow", "--grep", "still");
    // Containers that come later are meant, so it has to have begun.
    await until("following the logs", 60, async () => (await onBox(...FOLLOWERS)) !== "0");
    const oneOff = begun(
      "run",
      ...place,
      "--",
      ...node("setInterval(() => console.log('still', 'here'), 500)"),
    );
    await oneOff.says(/^(still here\n){4}/);
    await logs.says(/here/);
    const ran = await oneOff.interrupt();
    assert.match(ran.said, /^(still here\n){4,}$/);
    assert.equal(ran.exitCode, 130);
    const { said, exitCode } = await logs.interrupt();
    assert.equal(exitCode, 130, said);
    assert.match(said, /^[-0-9]+ [:0-9]+ torture-[0-9a-f]{10} run-torture-[0-9a-f]{8} still here\n/);
    assert.equal(await onBox("docker", "ps", "-aq", "--filter", "label=task=one-off"), "");
    assert.equal(await onBox(...FOLLOWERS), "0");
  });

  it("go with their application's setting, units, metrics, notes and all", async () => {
    await torture.declare((file) => file.deleteIn([...torture.app(), "jobs"]));
    assert.equal(
      await onBox("sh", "-c", "systemctl list-unit-files --no-legend 'fairlead-job-*' || true"),
      "",
    );
    assert.equal(
      await onBox("sh", "-c", "ls -d /opt/torture/metrics /var/lib/fairlead/jobs 2>/dev/null || true"),
      "",
    );
    assert.equal((await verb("jobs")).stdout.trim(), "No jobs are declared.");
    assert.equal(await onBox("systemctl", "is-system-running"), "running");
  });
});
