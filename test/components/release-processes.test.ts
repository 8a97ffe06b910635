import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Release } from "../../components/app/release.ts";
import { workersOf } from "../../config/processes.ts";
import { digest, parsed } from "../support/settings.ts";

const IMAGE = `ghcr.io/me/shop@${digest("a")}`;

/** What is registered under Pulumi's mocks; one world a file. */
const registered: pulumi.runtime.MockResourceArgs[] = [];

describe("a release with several processes", () => {
  before(async () => {
    await pulumi.runtime.setMocks(
      {
        newResource: (args) => {
          registered.push(args);
          return { id: `${args.name}-id`, state: { ...args.inputs, name: args.name, stdout: "" } };
        },
        call: ({ inputs }) => inputs,
      },
      "fairlead",
      "test",
      false,
    );
    const shop = {
      image: IMAGE,
      port: 80,
      release: { command: ["migrate"] },
      processes: {
        worker: { command: ["work"], replicas: 2, stop: "7 s", resources: { memory: "64 MB", pids: 50 } },
        clock: { command: ["tick"], single: true },
      },
    };
    const settings = parsed({ apps: { shop } }).config.apps.shop!;
    const server = {
      connection: { host: "203.0.113.7" },
      tool: "/usr/local/bin/fairlead",
      docker: new docker.Provider("engine", { host: "ssh://root@203.0.113.7" }),
      root: "/opt/try",
      name: "try",
      network: "try_network",
      ownerId: "one",
    };
    new Release({
      server,
      app: "shop",
      settings,
      image: IMAGE,
      secrets: [],
      workers: workersOf(settings),
      files: [],
      dependsOn: [],
      gate: {},
    });
    await pulumi.runtime.disconnect();
  });

  const container = (end: string): Record<string, unknown> =>
    registered.find(
      ({ type, name }) =>
        type.startsWith("docker:index/container") && new RegExp(`^shop-[0-9a-f]{10}${end}$`).test(name),
    )!.inputs;
  const labels = (end: string): string[] =>
    (container(end).labels as { label: string; value: string }[]).map(
      ({ label, value }) => `${label}=${value}`,
    );

  it("starts workers, with their own command, limits and time to finish", () => {
    const { command, memory, stopTimeout, start, healthcheck } = container("-worker-2");
    assert.deepEqual([command, memory, stopTimeout, start], [["work"], 64, 7, undefined]);
    assert.deepEqual(
      (healthcheck as { tests: string[] }).tests,
      ["NONE"],
      "the image's own may ask for a page",
    );
    assert.ok(labels("-worker-2").includes("process=worker"));
  });

  it("makes what never runs twice, and leaves its start to the handover", () => {
    const { command, start, mustRun, restart } = container("-clock-1");
    assert.deepEqual([command, start, mustRun, restart], [["tick"], false, false, "unless-stopped"]);
    assert.ok(labels("-clock-1").includes("succeeds=true"));
  });

  it("makes its command's container, which nothing starts again", () => {
    const { command, start, mustRun, restart } = container("-release");
    assert.deepEqual([command, start, mustRun, restart], [["migrate"], false, false, "no"]);
  });

  it("has no label at the web process that it didn't have before", () =>
    assert.deepEqual(
      labels("-1").filter((label) => /process|succeeds/.test(label)),
      [],
    ));

  it("has the workers pass one gate, without those that wait", () => {
    const gate = registered.find(({ name }) => name.endsWith("-workers"))!.inputs;
    const { processes } = JSON.parse(String(gate.stdin)) as { processes: { name: string; pids: number }[] };
    assert.deepEqual(
      processes.map(({ name, pids }) => [name, pids]),
      [["worker", 50]],
    );
  });
});
