import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { identifier } from "../../../config/schema/data.ts";
import { infrastructureImage } from "../../../config/images.ts";
import { load } from "../../../config/load.ts";
import { SERVICE_NAMES, SERVICES } from "../../../config/services.ts";
import { declareStack } from "../../../stack.ts";
import { digest, MINIMAL, raw } from "../../support/settings.ts";

const API = `ghcr.io/me/api@${digest("a")}`;
const HOOK = "https://hooks.slack.example/T000/very-secret";

const SETTINGS = {
  ...MINIMAL,
  name: "shop",
  server: { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA" },
  apps: {
    api: { image: API, port: 8080, metrics: { port: 9000 }, needs: ["database"], routes: [{ path: "/" }] },
  },
  monitoring: { enabled: true, retention: { time: "7 d", size: "1 GB" } },
  notifications: { slack: {} },
  digests: Object.fromEntries(
    SERVICE_NAMES.map((name) => [infrastructureImage("official", SERVICES[name].image), digest("1")]),
  ),
};

/** A secret reaches a mock as an object around its value. */
function plain(text: string | { value: string }): string {
  return typeof text === "string" ? text : text.value;
}

describe("a stack with monitoring", () => {
  const registered: pulumi.runtime.MockResourceArgs[] = [];
  const inputs = (type: RegExp, name: string): Record<string, any> => {
    const found = registered.find((one) => type.test(one.type) && one.name === name);
    assert.ok(found, `${type} ${name} is registered`);
    return found.inputs as Record<string, any>;
  };
  const container = (name: string): Record<string, any> => inputs(/Container$/, name);
  const stdin = (name: string): Record<string, any> =>
    JSON.parse(plain(inputs(/Command$/, name).stdin)) as Record<string, any>;
  const file = (name: string, path: string): string => {
    const files = stdin(name).files as { path: string; content: string }[];
    const found = files.find((one) => one.path === path);
    assert.ok(found, `${path} is among ${files.map((one) => one.path).join(", ")}`);
    return found.content;
  };

  before(async () => {
    await pulumi.runtime.setMocks(
      {
        newResource: (args) => {
          registered.push(args);
          const outputs = {
            ...args.inputs,
            name: args.inputs.name ?? args.name,
            stdout: "{}",
            result: "made",
          };
          return { id: `${args.name}-id`, state: outputs };
        },
        call: ({ inputs: args }) => args,
      },
      "fairlead",
      "test",
      false,
    );
    pulumi.runtime.setAllConfig(
      {
        ...raw(SETTINGS),
        "fairlead:POSTGRES_PASSWORD": "pg",
        "fairlead:REDIS_PASSWORD": "rd",
        "fairlead:SLACK_WEBHOOK_URL": HOOK,
      },
      ["fairlead:SLACK_WEBHOOK_URL"],
    );
    declareStack(load(), async () => undefined);
    await pulumi.runtime.disconnect();
  });

  it("runs Prometheus, Alertmanager and the exporters, all on the private network and without a published port", () => {
    const names = [
      "prometheus",
      "alertmanager",
      "node-exporter",
      "postgres-exporter",
      "redis-exporter",
      "blackbox-exporter",
    ];
    for (const name of names) {
      const { networksAdvanced, networkMode, ports, user, readOnly, capabilities } = container(name);
      assert.deepEqual(networksAdvanced, [{ name: "shop_network", aliases: [name] }], name);
      assert.deepEqual(
        [networkMode, ports, user, readOnly],
        [undefined, undefined, "65534:65534", true],
        name,
      );
      assert.deepEqual(capabilities, { drops: ["ALL"], adds: [] }, name);
    }
    const memory = names.map((name) => container(name).memory as number);
    assert.deepEqual(memory, [384, 96, 48, 48, 32, 48]);
  });

  it("keeps figures as long and as many as is said", () => {
    const { command } = container("prometheus");
    assert.ok(command.includes("--storage.tsdb.retention.time=7d"), command);
    assert.ok(command.includes("--storage.tsdb.retention.size=1073741824B"), command);
    assert.equal(inputs(/Volume$/, "prometheus").name, "shop_prometheus_data");
  });

  it("has configuration and rules tried by the program that will read them, and taken over without a restart", () => {
    assert.match(file("prometheus-files", "/opt/shop/prometheus/prometheus.yml"), /job_name: applications/);
    assert.match(
      file("prometheus-files", "/opt/shop/prometheus/rules/applications.yml"),
      /alert: BackendDown/,
    );
    const [check] = stdin("prometheus-files").check as string[][];
    assert.deepEqual(check!.slice(-5), [
      "--entrypoint=promtool",
      `prom/prometheus@${digest("1")}`,
      "check",
      "config",
      "/etc/prometheus/prometheus.yml",
    ]);
    const { container: reloaded, signal, again } = stdin("prometheus-reload");
    assert.deepEqual([reloaded, signal], ["shop_prometheus", "SIGHUP"]);
    assert.match(again, /^[0-9a-f]{12}$/);
  });

  it("hands secrets over as files, and nowhere else", () => {
    assert.equal(file("alertmanager-secrets", "/opt/shop/secrets/alertmanager/SLACK_WEBHOOK_URL"), HOOK);
    const others = registered.filter(({ name }) => name !== "alertmanager-secrets");
    for (const { name, inputs: given } of others)
      assert.ok(!JSON.stringify(given).includes("very-secret"), name);
    const { login, password } = stdin("database-metrics-login") as { login: string; password: string };
    assert.ok(
      !identifier.safeParse(login).success,
      `an application may own the role ${login}, which goes with what it owns`,
    );
    assert.equal(file("postgres-exporter-files", "/opt/shop/secrets/postgres-exporter/password"), password);
    assert.ok(password.length > 30);
    assert.ok(!JSON.stringify(container("postgres-exporter")).includes(password));
    const cache = registered.find(({ name }) => name.startsWith("cache-metrics-user-"))!;
    const { user, prefix, password: own } = JSON.parse(plain(cache.inputs.stdin)) as Record<string, string>;
    assert.deepEqual([user, prefix], ["metrics", ""]);
    const passwords = file("redis-exporter-files", "/opt/shop/secrets/redis-exporter/passwords.json");
    assert.deepEqual(JSON.parse(passwords), { "redis://metrics@redis:6379": own });
  });

  it("tells the server's tools where applications export figures", () => {
    const text = file("measure", "/opt/shop/monitoring/measure.json");
    const { apps, targets, system } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(apps, { api: [{ path: "/metrics", port: 9000, process: "web" }] });
    assert.deepEqual([targets, system], ["/opt/shop/monitoring/targets", "shop"]);
  });

  it("asks the site by its public name, which a box has nowhere else", () => {
    assert.equal(container("blackbox-exporter").hosts, undefined);
    assert.match(
      file("blackbox-exporter-files", "/opt/shop/blackbox-exporter/config.yml"),
      /insecure_skip_verify: true/,
    );
  });
});
