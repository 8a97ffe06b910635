import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { Release } from "../../components/app/release.ts";
import { digest, parsed } from "../support/settings.ts";

const IMAGE = `ghcr.io/me/job@${digest("a")}`;

/** What is registered under Pulumi's mocks; one world a file. */
const registered: pulumi.runtime.MockResourceArgs[] = [];

describe("a release without a traffic switch", () => {
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
    const { job } = parsed({
      apps: { job: { image: IMAGE, port: 80, replicas: 2, resources: { pids: 200 } } },
    }).config.apps;
    const server = {
      connection: { host: "203.0.113.7" },
      tool: "/usr/local/bin/fairlead",
      docker: new docker.Provider("engine", { host: "ssh://root@203.0.113.7" }),
      root: "/opt/shop",
      name: "shop",
      network: "shop_network",
      ownerId: "one",
    };
    new Release({
      server,
      app: "job",
      settings: job!,
      image: IMAGE,
      secrets: [],
      files: [],
      workers: [],
      dependsOn: [],
      gate: {},
    });
    await pulumi.runtime.disconnect();
  });

  const commands = (): pulumi.runtime.MockResourceArgs[] =>
    registered.filter(({ type }) => type === "command:remote:Command");
  const stdin = (): string => String(commands()[0]!.inputs.stdin);

  it("is its containers behind a gate of its own, and nothing more", () => {
    const types = registered.map(({ type }) => type).sort();
    assert.deepEqual(types, [
      "command:remote:Command",
      "docker:index/container:Container",
      "docker:index/container:Container",
      "docker:index/remoteImage:RemoteImage",
      "fairlead:index:Release",
      "pulumi:providers:docker",
    ]);
  });

  it("has every container pass, with its limit of processes, and asks no switch", () => {
    const { create, delete: gone } = commands()[0]!.inputs as { create: string; delete?: string };
    assert.deepEqual([create, gone], ["/usr/local/bin/fairlead release apply", undefined]);
    const { release, ...input } = JSON.parse(stdin()) as Record<string, unknown>;
    assert.match(String(release), /^job-[0-9a-f]{10}$/);
    assert.deepEqual(input, {
      app: "job",
      containers: [`${String(release)}-1`, `${String(release)}-2`],
      ownerId: "one",
      pids: 200,
      http: { port: 80, path: "/health" },
      within: 60,
    });
  });
});
