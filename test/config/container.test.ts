import assert from "node:assert/strict";
import { parse } from "../../config/parse.ts";
import { ConfigError } from "../../config/problems.ts";
import { MINIMAL, raw } from "../support/settings.ts";

const BAD: [what: string, settings: object, message: RegExp][] = [
  ["a folder in memory without a size", { tmpfs: { "/run": "much" } }, /a size such as "512 MB"/],
  ["a relative folder", { tmpfs: { run: "1 MB" } }, /an absolute path/],
  ["a capability with CAP_", { capabilities: ["CAP_CHOWN"] }, /CHOWN, without CAP_/],
  ["an unknown limit", { ulimits: { files: 10 } }, /nofile/],
  ["a soft limit above the hard one", { ulimits: { nofile: { soft: 9, hard: 1 } } }, /at most as high/],
  ["a group by name", { groups: ["video"] }, /number/],
  ["a host with an IPv6 address", { hosts: { legacy: "::1" } }, /an IPv4 address, or host-gateway/],
  ["a volume without a path", { volumes: { files: {} } }, /string/],
  ["a volume at the root", { volumes: { files: { path: "/" } } }, /an absolute path/],
  ["a volume above itself", { volumes: { files: { path: "/a/../b" } } }, /without \.\./],
  ["an owner by name", { volumes: { files: { path: "/a", owner: "node" } } }, /1000:1000/],
  ["permissions without a 0", { volumes: { files: { path: "/a", mode: "755" } } }, /0755/],
  [
    "two volumes at one path",
    { volumes: { a: { path: "/a" }, b: { path: "/a" } } },
    /a path of its own for each volume/,
  ],
  ["a file from outside", { files: [{ source: "../secret", path: "/a" }] }, /without \.\./],
  ["an absolute source", { files: [{ source: "/etc/passwd", path: "/a" }] }, /within the project/],
];

describe("what a container of an application gets", () => {
  for (const [what, settings, message] of BAD)
    it(`is not ${what}`, () => {
      const apps = { api: { ...MINIMAL.apps.api, ...settings } };
      assert.throws(
        () => parse("fairlead", "test", raw({ ...MINIMAL, apps })),
        (error) => {
          assert.ok(error instanceof ConfigError);
          assert.match(
            error.problems.map((one) => `${one.path}: ${one.message} ${one.remedy}`).join("\n"),
            message,
          );
          return true;
        },
      );
    });
});
