import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const bin = resolve(import.meta.dirname, "../../bin/pulumi.mjs");

describe("which engine runs", () => {
  const folder = mkdtempSync(join(tmpdir(), "fairlead-hand-over-"));
  after(() => rmSync(folder, { recursive: true }));
  const official = (version: string): string => {
    const path = join(folder, version, "pulumi");
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(
      path,
      `#!/bin/sh\nif [ "$1" = version ]; then echo ${version}; exit; fi\ncat; echo "official: $*"; exit 42\n`,
    );
    chmodSync(path, 0o755);
    return dirname(path);
  };
  const run = (
    path: string,
    args: string[],
    env: NodeJS.ProcessEnv = {},
  ): { code: number | null; out: string; err: string } => {
    const { FAIRLEAD_ENGINE: _engine, PULUMI_AUTOMATION_API: _api, ...rest } = process.env;
    const own = join(folder, "own");
    mkdirSync(own, { recursive: true });
    // As npm links it: the engine itself is on PATH too, before the other one.
    rmSync(join(own, "pulumi"), { force: true });
    symlinkSync(bin, join(own, "pulumi"));
    const result = spawnSync(process.execPath, [bin, ...args], {
      env: {
        ...rest,
        PULUMI_HOME: join(folder, "home"),
        PATH: `${own}:${path}:${dirname(process.execPath)}:/usr/bin:/bin`,
        ...env,
      },
      input: "from stdin\n",
      encoding: "utf8",
    });
    return { code: result.status, out: result.stdout, err: result.stderr };
  };

  it("an official CLI that is new enough takes over: arguments, streams, exit code", () => {
    const { code, out, err } = run(official("v3.260.0"), ["stack", "ls"]);
    assert.equal(code, 42);
    assert.equal(out, "from stdin\nofficial: stack ls\n");
    assert.match(err, /^pulumi: official CLI v3\.260\.0 \(.*\)\n$/);
  });

  it("an old one doesn't, nor does any with FAIRLEAD_ENGINE=embedded", () => {
    const old = run(official("v3.190.0"), ["whoami"]);
    assert.match(old.err, /embedded engine \(.* is v3\.190\.0, needed is at least v3\.250\.0\)/);
    const forced = run(official("v3.260.0"), ["whoami"], { FAIRLEAD_ENGINE: "embedded" });
    assert.match(forced.err, /embedded engine \(FAIRLEAD_ENGINE=embedded\)/);
  });

  it("an official CLI isn't given a configuration that it can't pass on", () => {
    const project = join(folder, "project");
    mkdirSync(project, { recursive: true });
    writeFileSync(
      join(project, "Pulumi.yaml"),
      "name: unit\nruntime: nodejs\nbackend:\n  url: file://./state\n",
    );
    const of = (size: number): void =>
      writeFileSync(join(project, "Pulumi.dev.yaml"), `config:\n  unit:big: ${"x".repeat(size)}\n`);
    const path = official("v3.260.0");
    of(140_000);
    for (const args of [
      ["up", "--cwd", project, "--stack", "dev", "--yes"],
      ["-C", project, "preview", "-s", "dev"],
      ["up", "--skip-preview", "-s=dev", "--cwd", project, "--non-interactive"],
    ]) {
      const { code, out, err } = run(path, args);
      assert.deepEqual([code, out], [2, ""], args.join(" "));
      assert.match(err, /Pulumi\.dev\.yaml has 137 kB .*128 kB.*FAIRLEAD_ENGINE=embedded/);
    }
    assert.equal(run(path, ["config", "--cwd", project, "--stack", "dev"]).code, 42);
    of(120_000);
    assert.equal(run(path, ["up", "--cwd", project, "--stack", "dev"]).code, 42);
  });

  it("without another one the engine runs, silently where a program reads the output", () => {
    const none = run("", ["version"]);
    assert.deepEqual([none.code, none.out, none.err], [0, "v3.260.0\n", ""]);
    assert.match(
      run("", ["login"]).err,
      /^pulumi: embedded engine \(no official pulumi on PATH\)\nerror: .*use the official Pulumi CLI/,
    );
    assert.doesNotMatch(run("", ["login"], { PULUMI_AUTOMATION_API: "true" }).err, /embedded engine \(no/);
  });
}).timeout(30_000);
