import assert from "node:assert/strict";
import { mountsOf, volumesOf } from "../../components/app/data.ts";
import { readFiles } from "../../components/app/files.ts";
import { hostsOf, tmpfsOf, ulimitsOf } from "../../components/app/options.ts";
import { ConfigError } from "../../config/problems.ts";
import type { App } from "../../config/schema/app/index.ts";
import { MINIMAL, parsed } from "../support/settings.ts";

const app = (more: object): App =>
  parsed({ apps: { api: { ...MINIMAL.apps.api, ...more } } }).config.apps.api!;

describe("the options of an application's containers", () => {
  it("are those of before where nothing is said", () => {
    const { tmpfs, hosts, ulimits, volumes } = app({});
    assert.deepEqual(tmpfsOf(tmpfs), { "/tmp": "rw,noexec,nosuid,size=64m" });
    assert.deepEqual(
      [hostsOf(hosts), ulimitsOf(ulimits), volumesOf("shop", "api", volumes)],
      [undefined, undefined, undefined],
    );
    assert.deepEqual(mountsOf("shop", "api", volumes), []);
  });

  it("have folders in memory as they are declared, and /tmp in any case", () => {
    const { tmpfs } = app({
      tmpfs: { "/run": "1 MB", "/tmp": { size: "256 MB", exec: true, mode: "0700" } },
    });
    assert.deepEqual(tmpfsOf(tmpfs), {
      "/run": "rw,noexec,nosuid,size=1024k",
      "/tmp": "rw,exec,nosuid,size=262144k,mode=0700",
    });
  });

  it("have sorted hosts and limits", () => {
    const { hosts, ulimits } = app({
      hosts: { b: "host-gateway", a: "10.0.0.5" },
      ulimits: { nproc: 64, nofile: { soft: 1, hard: 2 } },
    });
    assert.deepEqual(hostsOf(hosts), [
      { host: "a", ip: "10.0.0.5" },
      { host: "b", ip: "host-gateway" },
    ]);
    assert.deepEqual(ulimitsOf(ulimits), [
      { name: "nofile", soft: 1, hard: 2 },
      { name: "nproc", soft: 64, hard: 64 },
    ]);
  });

  it("keep Docker from replacing a volume's owner", () => {
    const { volumes } = app({
      volumes: { own: { path: "/own", owner: "1000:1000" }, plain: { path: "/plain", readOnly: true } },
    });
    assert.deepEqual(volumesOf("shop", "api", volumes), [
      { volumeName: "shop_api_plain", containerPath: "/plain", readOnly: true },
    ]);
    assert.deepEqual(mountsOf("shop", "api", volumes), [
      { type: "volume", source: "shop_api_own", target: "/own", volumeOptions: { noCopy: true } },
    ]);
  });

  it("have files of the project, and name those that can't be used before anything is declared", () => {
    const read = (...sources: string[]): unknown =>
      readFiles({
        stack: "test",
        apps: { api: app({ files: sources.map((source, index) => ({ source, path: `/f${index}` })) }) },
      });
    const { api } = read("Pulumi.yaml") as Record<string, { content: string; mode: string }[]>;
    assert.match(api![0]!.content, /^name: fairlead$/m);
    assert.equal(api![0]!.mode, "0444");
    assert.throws(
      () => read("no/such.conf", "components", "LICENSE"),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(
          error.problems.map(({ path, message }) => `${path} ${message}`),
          [
            "apps.api.files[0].source no/such.conf: there is no such file",
            "apps.api.files[1].source components: it can't be read (EISDIR)",
          ],
        );
        return true;
      },
    );
  });
});
