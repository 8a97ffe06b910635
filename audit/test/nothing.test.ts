import assert from "node:assert/strict";
import { FAMILIES } from "../src/registry.ts";
import type { Break } from "./broken.ts";
import { ABOUT, healthy, type Evidence } from "./healthy.ts";

const judge = (id: string, change: Break): string => {
  const family = FAMILIES.find(({ checks }) => checks.some((one) => one.id === id))!;
  const [evidence, about] = [healthy(), { ...ABOUT }];
  change(evidence, about);
  const topic = (id.startsWith("containers.") ? "docker" : id.split(".")[0]) as keyof Evidence;
  return family.checks.find((one) => one.id === id)!.judge(evidence[topic], about).result;
};

/** Evidence in which there is nothing to look at, and what a check must say of it: never that it passes. */
const NOTHING: Record<string, [Break, "unknown" | "skip"]> = {
  "ports.only-declared": [({ ports }) => (ports.open = { "203.0.113.7": [] }), "unknown"],
  "ports.docker": [({ ports }) => (ports.open = { "203.0.113.7": [] }), "unknown"],
  "limit.health": [(_, about) => (about.health = []), "skip"],
  "ssh.kex": [({ ssh }) => delete ssh.kexalgorithms, "unknown"],
  "ssh.ciphers": [({ ssh }) => delete ssh.ciphers, "unknown"],
  "ssh.macs": [({ ssh }) => delete ssh.macs, "unknown"],
  "containers.stopped": [({ docker }) => (docker.containers = []), "skip"],
  "containers.healthy": [({ docker }) => (docker.containers = []), "skip"],
  "files.secrets": [({ files }) => (files.stack = []), "skip"],
  "files.writable": [({ files }) => (files.stack = []), "skip"],
  "machine.disk": [({ machine }) => (machine.disks = {}), "unknown"],
  "machine.inodes": [({ machine }) => (machine.inodes = {}), "skip"],
};

describe("audit: a check that sees nothing", () => {
  for (const [id, [change, expected]] of Object.entries(NOTHING))
    it(`${id} says ${expected}`, () => assert.equal(judge(id, change), expected));

  it("limit.health says skip when the limit refused nothing", () =>
    assert.equal(
      judge("limit.health", ({ limit }) => (limit.statuses = { "200": 400 })),
      "skip",
    ));

  it("containers.healthy doesn't blame an image for having no program for its check", () => {
    const states: [number, string, string][] = [
      [127, "/bin/sh: 1: wget: not found", "pass"],
      [-1, 'OCI runtime exec failed: exec failed: "/bin/sh": no such file or directory: unknown', "pass"],
      [-1, "Health check exceeded timeout (10s)", "fail"],
      [22, "curl: (22) The requested URL returned error: 500", "fail"],
    ];
    for (const [ExitCode, Output, expected] of states) {
      const found: Break = ({ docker }) =>
        (docker.containers[0]!.State.Health = { Status: "unhealthy", Log: [{ ExitCode, Output }] });
      assert.equal(judge("containers.healthy", found), expected, Output);
    }
  });

  it("containers.healthy believes the container's own check before Docker has run its first one", () => {
    const starting: Break = ({ docker }) => (docker.containers[0]!.State.Health = { Status: "starting" });
    assert.equal(judge("containers.healthy", starting), "unknown");
    const passing: Break = (evidence, about) => {
      starting(evidence, about);
      evidence.docker.passing = [evidence.docker.containers[0]!.Name.replace(/^\//, "")];
    };
    assert.equal(judge("containers.healthy", passing), "pass");
  });
});
