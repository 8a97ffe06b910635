import assert from "node:assert/strict";
import { compareContainer } from "../../automation/drift/container.ts";
import type { ContainerInfo, ContainerInputs } from "../../automation/drift/container-info.ts";

const ID = "a".repeat(64);
const IMAGE = `sha256:${"b".repeat(64)}`;

const inputs: ContainerInputs = {
  name: "web",
  image: IMAGE,
  memory: 512,
  memorySwap: 512,
  cpus: "1.5",
  restart: "unless-stopped",
  user: "99:99",
  readOnly: true,
  capabilities: { adds: ["CAP_CHOWN"], drops: ["ALL"] },
  securityOpts: ["no-new-privileges"],
  command: ["serve", "-v"],
  mounts: [{ source: "/opt/web", target: "/etc/web", readOnly: true }],
  volumes: [{ volumeName: "data", containerPath: "/data" }],
  tmpfs: { "/tmp": "rw,size=64m" },
  ports: [{ ip: "0.0.0.0", external: 80, internal: 8080, protocol: "tcp" }],
  healthcheck: { tests: ["CMD", "true"] },
  logDriver: "json-file",
  logOpts: { "max-size": "10m" },
  stopSignal: "SIGQUIT",
  stopTimeout: 30,
  labels: [{ label: "app", value: "shop" }],
  envs: ["MODE=production"],
  networksAdvanced: [{ name: "shop_network", aliases: ["web"] }],
};

/** The container that Docker shows when nobody has touched it. */
const asDeclared = (): ContainerInfo => ({
  Id: ID,
  Name: "/web",
  Image: IMAGE,
  State: {
    Running: true,
    Paused: false,
    Status: "running",
    StartedAt: "2026-01-01T00:00:00Z",
    Health: { Status: "healthy" },
  },
  Config: {
    User: "99:99",
    Cmd: ["serve", "-v"],
    Entrypoint: ["/entry"],
    Env: ["MODE=production", "PATH=/usr/bin"],
    Labels: { app: "shop", maintainer: "someone" },
    Healthcheck: { Test: ["CMD", "true"] },
    StopSignal: "SIGQUIT",
    StopTimeout: 30,
  },
  HostConfig: {
    Memory: 512 * 1024 ** 2,
    MemorySwap: 512 * 1024 ** 2,
    NanoCpus: 1_500_000_000,
    RestartPolicy: { Name: "unless-stopped" },
    ReadonlyRootfs: true,
    Privileged: false,
    CapAdd: ["CAP_CHOWN"],
    CapDrop: ["ALL"],
    SecurityOpt: ["no-new-privileges"],
    Mounts: [{ Source: "/opt/web", Target: "/etc/web", ReadOnly: true }],
    Binds: ["data:/data:rw"],
    Tmpfs: { "/tmp": "rw,size=64m" },
    ShmSize: 64 * 1024 ** 2,
    PortBindings: { "8080/tcp": [{ HostIp: "", HostPort: "80" }] },
    LogConfig: { Type: "json-file", Config: { "max-size": "10m" } },
  },
  NetworkSettings: { Networks: { shop_network: { Aliases: ["web", "aaaaaaaaaaaa"] } } },
});

const images = { [IMAGE]: { Env: ["PATH=/usr/bin"], Labels: { maintainer: "someone" } } };
const compare = (info?: ContainerInfo, secretEnvs = false): string[] =>
  compareContainer({ inputs, id: ID, secretEnvs }, info, images).map(
    ({ thing, aspect, declared, found }) => `${thing ? `${thing} ` : ""}${aspect}: ${declared} → ${found}`,
  );

/** Each hand-made change, and how it is told. */
const CHANGES: [string, (info: ContainerInfo) => void, string[]][] = [
  ["memory", ({ HostConfig }) => (HostConfig.Memory *= 2), ["memory: 512 MB → 1024 MB"]],
  ["swap", ({ HostConfig }) => (HostConfig.MemorySwap = -1048576), ["memory with swap: 512 MB → -1 MB"]],
  ["CPUs", ({ HostConfig }) => (HostConfig.NanoCpus = 3e8), ["CPUs: 1.5 → 0.3"]],
  [
    "restart",
    ({ HostConfig }) => (HostConfig.RestartPolicy = { Name: "no" }),
    ["restart: unless-stopped → no"],
  ],
  ["user", ({ Config }) => (Config.User = ""), ["user: 99:99 → "]],
  ["read-only", ({ HostConfig }) => (HostConfig.ReadonlyRootfs = false), ["read-only: yes → no"]],
  ["privileged", ({ HostConfig }) => (HostConfig.Privileged = true), ["privileged: no → yes"]],
  [
    "capabilities",
    ({ HostConfig }) => Object.assign(HostConfig, { CapAdd: ["CAP_CHOWN", "CAP_SYS_ADMIN"], CapDrop: null }),
    ["capabilities: -ALL +CHOWN → +CHOWN +SYS_ADMIN"],
  ],
  ["security", ({ HostConfig }) => (HostConfig.SecurityOpt = null), ["security: no-new-privileges → "]],
  ["command", ({ Config }) => (Config.Cmd = ["serve"]), ["command: serve -v → serve"]],
  [
    "mounts",
    ({ HostConfig }) => (HostConfig.Mounts![0]!.ReadOnly = false),
    ["mounts: /opt/web:/etc/web:ro, data:/data → /opt/web:/etc/web, data:/data"],
  ],
  ["volumes", ({ HostConfig }) => (HostConfig.Binds = ["/:/data"]), []],
  ["tmpfs", ({ HostConfig }) => (HostConfig.Tmpfs = null), ["folders in memory: /tmp=rw,size=64m → "]],
  [
    "ports",
    ({ HostConfig }) => (HostConfig.PortBindings!["5432/tcp"] = [{ HostIp: "", HostPort: "5432" }]),
    ["published ports: 0.0.0.0:80->8080/tcp → 0.0.0.0:5432->5432/tcp, 0.0.0.0:80->8080/tcp"],
  ],
  ["health check", ({ Config }) => delete Config.Healthcheck, ["health check: CMD true → null"]],
  ["log", ({ HostConfig }) => (HostConfig.LogConfig!.Type = "none"), ["log: json-file → none"]],
  ["stop", ({ Config }) => (Config.StopSignal = "SIGKILL"), ["stop signal: SIGQUIT → SIGKILL"]],
  ["image", (info) => (info.Image = "sha256:other"), []],
  ["label", ({ Config }) => (Config.Labels!.app = "other"), ["label app: shop → other"]],
  ["another label", ({ Config }) => (Config.Labels!.hand = "made"), ["label hand: null → made"]],
  [
    "environment",
    ({ Config }) => (Config.Env = ["MODE=debug", "PATH=/usr/bin", "EXTRA=1"]),
    ["environment EXTRA: null → 1", "environment MODE: production → debug"],
  ],
  ["no environment", ({ Config }) => (Config.Env = null), ["environment MODE: production → null"]],
  [
    "network",
    ({ NetworkSettings }) => (NetworkSettings.Networks = { bridge: {} }),
    ["network: shop_network → null", "network: null → bridge"],
  ],
  [
    "alias",
    ({ NetworkSettings }) => (NetworkSettings.Networks.shop_network!.Aliases = ["x"]),
    ["shop_network network alias: web → null"],
  ],
  ["processes", ({ HostConfig }) => (HostConfig.PidMode = "host"), ["process namespace:  → host"]],
  [
    "stopped",
    ({ State }) => Object.assign(State, { Running: false, Status: "exited" }),
    ["state: running → exited"],
  ],
  ["paused", ({ State }) => (State.Paused = true), ["state: running → paused"]],
  ["unhealthy", ({ State }) => (State.Health!.Status = "unhealthy"), ["health: healthy → unhealthy"]],
  ["recreated", (info) => (info.Id = "c".repeat(64)), [`identity: ${"a".repeat(12)} → ${"c".repeat(12)}`]],
];

describe("drift of a container", () => {
  it("is none when nobody has touched it; what the image brings along isn't drift", () =>
    assert.deepEqual(compare(asDeclared()), []));

  it("is named when it is gone", () => assert.deepEqual(compare(), ["presence: container → null"]));

  for (const [what, change, told] of CHANGES) {
    it(`names a change: ${what}`, () => {
      const info = asDeclared();
      change(info);
      const found = compare(info);
      if (told.length > 0) assert.deepEqual(found.sort(), told.sort());
      else assert.ok(found.length > 0);
    });
  }

  it("is named when one that belongs into the server's network isn't there, and the other way round", () => {
    const { networksAdvanced: _, ...rest } = inputs;
    const edge = { inputs: { ...rest, networkMode: "host" }, id: ID, secretEnvs: false };
    const there = asDeclared();
    there.HostConfig.NetworkMode = "host";
    there.NetworkSettings.Networks = { host: {} };
    const told = (list: ReturnType<typeof compareContainer>): string[] =>
      list.map(({ aspect, declared, found }) => `${aspect}: ${declared} → ${found}`);
    assert.deepEqual(told(compareContainer(edge, there, images)), []);
    const away = asDeclared();
    away.HostConfig.NetworkMode = "shop_network";
    assert.deepEqual(told(compareContainer(edge, away, images)), ["network: host → shop_network"]);
    const web = { inputs: { ...inputs, networkMode: "bridge" }, id: ID, secretEnvs: false };
    assert.deepEqual(told(compareContainer(web, there, images)), [
      "network: shop_network → null",
      "network: null → host",
    ]);
  });

  it("never tells environments with a secret in them", () => {
    const info = asDeclared();
    info.Config.Env = ["MODE=hunter2"];
    const text = JSON.stringify(compareContainer({ inputs, id: ID, secretEnvs: true }, info, images));
    assert.match(text, /"MODE".*"concealed":true/);
    assert.ok(!text.includes("hunter2") && !text.includes("production"), text);
  });
});
