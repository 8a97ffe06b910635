import assert from "node:assert/strict";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { Server } from "../../components/host/server.ts";
import { Service } from "../../components/service/service.ts";
import type { ServiceRow } from "../../config/services.ts";
import { digest } from "../support/settings.ts";

/** A new exporter: its row in the table, and its component. */
const ROW: ServiceRow = {
  title: "the node exporter",
  image: "node-exporter",
  tags: { official: "v1.9.1", debian: "1.9" },
  versionNote: "Tag of the node exporter",
  container: "node-exporter",
  metricsPort: 9100,
  logsJson: false,
  auditExceptions: [
    { check: "docker.5.10", allowed: ["host"], why: "it reports the server's own network" },
    { check: "docker.5.16", allowed: ["pid host"], why: "it reports the server's own processes" },
  ],
};

class NodeExporter extends Service {
  constructor(server: Server, image: string) {
    super("node-exporter", {
      server,
      row: ROW,
      image,
      limits: { memory: 64 * 1024 ** 2, cpus: 0.25, pids: 32, stop: 10 },
      user: "65534:65534",
      command: ["--path.rootfs=/host", "--web.listen-address=127.0.0.1:9100"],
      namespaces: { network: "host", pid: "host" },
      mounts: [{ source: "/", target: "/host" }],
      health: { test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:9100/"], ...EVERY },
      within: 30,
    });
  }
}

const EVERY = { interval: 10, timeout: 3, retries: 3 };

describe("a service of the infrastructure", () => {
  const registered: pulumi.runtime.MockResourceArgs[] = [];
  let server: Server;
  let exporter: NodeExporter;
  let rules: Service;
  const find = (type: RegExp, name: string): Record<string, any> => {
    const found = registered.find((one) => type.test(one.type) && one.name === name);
    assert.ok(found, `${type} ${name} is registered`);
    return found.inputs as Record<string, any>;
  };
  const stdin = (name: string): Record<string, unknown> =>
    JSON.parse(find(/Command$/, name).stdin as string) as Record<string, unknown>;

  before(async () => {
    await pulumi.runtime.setMocks({
      newResource: (args) => {
        registered.push(args);
        return { id: `${args.name}-id`, state: { ...args.inputs, imageId: "sha256:1" } };
      },
      call: ({ inputs }) => inputs,
    });
    server = {
      connection: { host: "203.0.113.7" },
      tool: "/usr/local/bin/fairlead",
      docker: new docker.Provider("engine", { host: "ssh://root@203.0.113.7" }),
      root: "/opt/shop",
      name: "shop",
      network: "shop_network",
      ownerId: "one",
    };
    exporter = new NodeExporter(server, `prom/node-exporter@${digest("a")}`);
    rules = new Service("rules", {
      server,
      row: { ...ROW, container: "rules", alias: "rules", auditExceptions: undefined },
      image: `prom/rules@${digest("b")}`,
      limits: { memory: 64 * 1024 ** 2, cpus: 1, pids: 64, stop: 10 },
      files: {
        directories: [{ path: "/opt/shop/rules", mode: "0755", purge: true }],
        files: [{ path: "/opt/shop/rules/rules.yml", mode: "0644", content: "groups: []\n" }],
        check: [["promtool", "check", "rules", "/opt/shop/rules/rules.yml"]],
      },
      volume: { name: "rules_data", path: "/data" },
      health: { test: ["CMD", "true"], ...EVERY },
      within: 20,
    });
    await pulumi.runtime.disconnect();
  });

  it("is an image, a hardened container and a gate", () => {
    const container = find(/Container$/, "node-exporter");
    assert.equal(container.name, "shop_node-exporter");
    assert.deepEqual(container.capabilities, { drops: ["ALL"], adds: [] });
    assert.deepEqual([container.memory, container.cpus, container.stopTimeout], [64, "0.25", 10]);
    assert.equal(find(/RemoteImage$/, "node-exporter").name, `prom/node-exporter@${digest("a")}`);
    const { container: name, pids, within, id } = stdin("node-exporter-gate");
    assert.deepEqual([name, pids, within, id], ["shop_node-exporter", 32, 30, "node-exporter-id"]);
  });

  it("shares with the server what an exporter looks at, and can't write there", () => {
    const container = find(/Container$/, "node-exporter");
    assert.deepEqual([container.networkMode, container.pidMode], ["host", "host"]);
    assert.equal(container.networksAdvanced, undefined);
    assert.deepEqual(container.mounts, [{ type: "bind", source: "/", target: "/host", readOnly: true }]);
  });

  it("says where its metrics are: on the server's loopback, or under its alias", () => {
    assert.deepEqual(exporter.metrics, { host: "127.0.0.1", port: 9100 });
    assert.deepEqual(rules.metrics, { host: "rules", port: 9100 });
    const { networksAdvanced } = find(/Container$/, "rules");
    assert.deepEqual(networksAdvanced, [{ name: "shop_network", aliases: ["rules"] }]);
  });

  it("has its files checked, and its data in a volume", () => {
    const { name, check } = stdin("rules-files");
    assert.equal(name, "rules");
    assert.deepEqual(check, [["promtool", "check", "rules", "/opt/shop/rules/rules.yml"]]);
    assert.equal(find(/Volume$/, "rules").name, "shop_rules_data");
    const { volumes } = find(/Container$/, "rules");
    assert.deepEqual(volumes, [{ volumeName: "shop_rules_data", containerPath: "/data" }]);
  });

  it("is refused a namespace of the server without a reason for the audit", () => {
    const auditExceptions = ROW.auditExceptions!.filter(({ check }) => check !== "docker.5.16");
    assert.throws(
      () =>
        new Service("exporter", {
          server,
          row: { ...ROW, auditExceptions },
          image: "x",
          limits: { memory: 1, cpus: 1, pids: 16, stop: 1 },
          namespaces: { network: "host", pid: "host" },
          health: { test: ["CMD", "true"], ...EVERY },
          within: 1,
        }),
      /node-exporter shares the server's pid namespace: .* exception of docker\.5\.16/,
    );
  });
});
