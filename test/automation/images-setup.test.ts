import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readOnlyControlGroups, removeStale } from "../../automation/setup/daemon.ts";
import { engineState } from "../../automation/setup/docker.ts";
import { installArguments, missingPackages } from "../../automation/setup/packages.ts";
import Docker from "dockerode";

describe("set-up of the machine", () => {
  let folder: string;
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), "setup-"))));
  afterEach(() => rm(folder, { recursive: true }));

  it("misses a package whose program is nowhere on the path, or isn't executable", async () => {
    await writeFile(join(folder, "there"), "", { mode: 0o755 });
    await writeFile(join(folder, "not-executable"), "", { mode: 0o644 });
    const packages = [
      { name: "a", provides: "there" },
      { name: "b", provides: "not-executable" },
      { name: "c", provides: "nowhere" },
      { name: "d", provides: join(folder, "there") },
      { name: "e", provides: join(folder, "nowhere") },
    ];
    const missing = missingPackages(packages, ["/nonexistent", folder]);
    assert.deepEqual(
      missing.map(({ name }) => name),
      ["b", "c", "e"],
    );
  });

  it("installs in one call, without recommendations", () => {
    const packages = ["mmdebstrap", "docker.io"].map((name) => ({ name, provides: name }));
    assert.deepEqual(installArguments(packages), [
      "install",
      "--yes",
      "--no-install-recommends",
      "docker.io",
      "mmdebstrap",
    ]);
  });

  describe("a file with the engine's process number", () => {
    const put = async (pid: string, program?: string): Promise<string> => {
      await writeFile(join(folder, "docker.pid"), pid);
      if (program) {
        await mkdir(join(folder, "42"));
        await writeFile(join(folder, "42", "comm"), `${program}\n`);
      }
      return join(folder, "docker.pid");
    };
    const cases: [string, string, string | undefined, boolean][] = [
      ["stays while that process is the engine", "42", "dockerd", false],
      ["goes when the process is gone", "42", undefined, true],
      ["goes when the number belongs to another program", "42", "bash", true],
      ["goes when it holds no number", "../42", "dockerd", true],
    ];
    for (const [what, pid, program, stale] of cases) {
      it(what, async () => {
        const path = await put(pid, program);
        assert.equal(removeStale(path, "dockerd", folder), stale);
        assert.equal(existsSync(path), !stale);
      });
    }
    it("that isn't there is nothing to remove", () =>
      assert.equal(removeStale(join(folder, "x"), "dockerd"), false));
  });

  it("finds control groups that are mounted read-only", () => {
    const mountinfo = [
      "31 25 0:27 / /sys/fs/cgroup rw,nosuid - tmpfs tmpfs rw,mode=755",
      "32 31 0:28 /docker/1 /sys/fs/cgroup/cpu ro,nosuid,nodev - cgroup cgroup rw,cpu",
      "33 31 0:29 /docker/1 /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory",
      "34 25 0:30 / /sys/fs/cgroup ro,relatime shared:9 - cgroup2 cgroup rw",
      "35 25 0:31 / /proc ro - proc proc rw",
      "",
    ];
    assert.deepEqual(readOnlyControlGroups(mountinfo.join("\n")), ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup"]);
  });

  it("sees that no engine answers", async () => {
    const nobody = new Docker({ socketPath: join(folder, "docker.sock") });
    assert.equal(await engineState(nobody), "absent");
  });

  it("sees that the engine is for others", async () => {
    const ping = () => Promise.reject(Object.assign(new Error("connect EACCES"), { code: "EACCES" }));
    assert.equal(await engineState({ ping }), "forbidden");
  });

  it("is an error where it takes the question and never answers: another engine wouldn't help", async () => {
    const ping = (): Promise<never> => new Promise(() => undefined);
    await assert.rejects(engineState({ ping }, 0.05), /does not answer within 0\.05 s/);
  });
});
