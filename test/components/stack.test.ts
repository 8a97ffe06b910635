import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { load } from "../../config/load.ts";
import { declareStack } from "../../stack.ts";
import { digest, MINIMAL, raw } from "../support/settings.ts";

/** One world a file: what the program registers under Pulumi's mocks. */
const registered: pulumi.runtime.MockResourceArgs[] = [];
/** What each resource waits for, by its name: URNs. */
const waitsFor: Record<string, string[]> = {};
const API = `ghcr.io/me/api@${digest("a")}`;

/** As `pulumi config set --secret SSH_PRIVATE_KEY < FILE` stores it: without the last newline. */
const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----";

const SETTINGS = {
  ...MINIMAL,
  server: { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA" },
  apps: {
    api: {
      image: API,
      port: 8080,
      needs: ["database", "cache"],
      secrets: ["API_KEY"],
      replicas: 2,
      routes: [
        { path: "/api/", cache: "5 s" },
        { path: "/admin/", auth: { users: { ann: "API_KEY" } } },
        { path: "/a.B/", grpc: true },
      ],
    },
    web: {
      image: API,
      port: 3000,
      needs: ["api"],
      secretsAs: "environment",
      secrets: ["API_KEY"],
      routes: [{ path: "/" }],
    },
  },
  digests: {
    "postgres:15.19-alpine": digest("1"),
    "redis:7.4.11-alpine": digest("2"),
    "haproxy:3.0.26-alpine": digest("3"),
    "nginx:1.30.4-alpine": digest("4"),
  },
};

/** The part of a request to register a resource that is asked for here. */
interface Registration {
  getName(): string;
  getDependenciesList(): string[];
}

describe("the program under mocks", () => {
  let outputs: Record<string, unknown>;
  const inputs = (type: string, name: string): Record<string, any> => {
    const found = registered.find((one) => one.type === type && one.name.startsWith(name));
    assert.ok(found, `${type} ${name} is registered`);
    return found.inputs as Record<string, any>;
  };
  const containers = (): pulumi.runtime.MockResourceArgs[] =>
    registered.filter(({ type }) => type === "docker:index/container:Container");

  before(async () => {
    await pulumi.runtime.setMocks(
      {
        newResource: (args) => {
          registered.push(args);
          const outputs = {
            ...args.inputs,
            name: args.inputs.name ?? args.name,
            stdout: "{}",
            result: "generated",
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
        "fairlead:API_KEY": "s3cr3t",
        "fairlead:POSTGRES_PASSWORD": "pg",
        "fairlead:REDIS_PASSWORD": "rd",
        "fairlead:SSH_PRIVATE_KEY": KEY,
      },
      ["fairlead:API_KEY", "fairlead:SSH_PRIVATE_KEY"],
    );
    const monitor = pulumi.runtime.getMonitor()!;
    const register = monitor.registerResource.bind(monitor) as (
      request: Registration,
      ...rest: unknown[]
    ) => unknown;
    Object.assign(monitor, {
      registerResource: (request: Registration, ...rest: unknown[]) => {
        waitsFor[request.getName()] = request.getDependenciesList();
        return register(request, ...rest);
      },
    });
    outputs = declareStack(load(), async () => undefined);
    await pulumi.runtime.disconnect();
  });

  it("declares no box for a server with an address", () => {
    assert.ok(!registered.some(({ type }) => type === "fairlead:index:Box"));
    assert.equal(inputs("pulumi:providers:docker", "runtime").host, "ssh://root@203.0.113.7:22");
    assert.equal(outputs.url, "https://maicivy.test/");
  });

  it("asks the server's owner before anything that it holds is deleted: the guard goes first", () => {
    const name = (urn: string): string => urn.split("::").at(-1)!;
    const reached = new Set<string>();
    const follow = (one: string): void => {
      for (const next of (waitsFor[one] ?? []).map(name)) {
        if (reached.has(next)) continue;
        reached.add(next);
        follow(next);
      }
    };
    follow("host-guard");
    assert.equal(
      inputs("command:remote:Command", "host-guard").delete,
      "/usr/local/bin/fairlead owner remove",
    );
    const deletable = registered.filter(({ type }) =>
      /^docker:index\/(container|volume|network):/.test(type),
    );
    assert.ok(deletable.length >= 7 + 2 + 1);
    for (const { name: one } of deletable) assert.ok(reached.has(one), `${one} goes after the guard`);
  });

  it("claims the server before the tools, and distinguishes the first time from later ones", () => {
    const { create, update, stdin } = inputs("command:remote:Command", "host-tools");
    assert.match(create as string, /^when='create'$/m);
    assert.match(update as string, /^when='update'$/m);
    const { "claim.json": claim } = JSON.parse(stdin.value ?? stdin) as Record<string, string>;
    assert.deepEqual(JSON.parse(claim!), {
      project: "fairlead",
      stack: "test",
      name: "maicivy",
      id: "generated",
      holds: {
        name: "maicivy",
        database: { name: "maicivy", owner: "maicivy", major: "15" },
        cache: true,
        databases: { "apps.api.database": "maicivy" },
        prefixes: {},
      },
    });
    const calls = registered.filter(
      ({ name, type }) => type === "command:remote:Command" && name !== "host-tools",
    );
    for (const { name, inputs: args } of calls)
      assert.equal(JSON.parse(args.stdin.value ?? args.stdin).ownerId, "generated", name);
  });

  it("names volumes after the system", () => {
    const names = registered
      .filter(({ type }) => type === "docker:index/volume:Volume")
      .map(({ inputs: args }) => args.name as string);
    assert.deepEqual(names.sort(), ["maicivy_postgres_data", "maicivy_redis_data"]);
  });

  it("writes the key of the server as OpenSSH reads it: with a newline at the end", () => {
    const { stdin } = inputs("command:local:Command", "host-identity");
    assert.equal(stdin.value ?? stdin, `${KEY}\n`);
  });

  it("pins the host key wherever it connects", () => {
    const options = JSON.parse(inputs("pulumi:providers:docker", "runtime").sshOpts as string) as string[];
    assert.ok(options.includes("StrictHostKeyChecking=yes"));
    const commands = registered.filter((one) => one.type === "command:remote:Command");
    assert.ok(commands.length > 20, `${commands.length} commands`);
    for (const { type, name, inputs: args } of commands) {
      const connection = (args.connection.value ?? args.connection) as { hostKey: string };
      assert.equal(connection.hostKey, "ssh-ed25519 AAAA", `${type} ${name}`);
    }
  });

  it("makes every container a good tenant", () => {
    // Four services, three containers of releases, and the gateway of the one that the other needs.
    assert.equal(containers().length, 4 + 3 + 1);
    for (const { name, inputs: args } of containers()) {
      assert.deepEqual(args.securityOpts, ["no-new-privileges"], name);
      assert.deepEqual(args.capabilities.drops, ["ALL"], name);
      assert.equal(args.readOnly, true, name);
      assert.equal(args.restart, "unless-stopped", name);
      assert.ok(args.memory > 0 && args.memory === args.memorySwap && Number(args.cpus) > 0, name);
      assert.ok(args.healthcheck.tests.length > 1, name);
      assert.deepEqual(args.logOpts, { "max-size": "10m", "max-file": "3", labels: "service,app" }, name);
    }
  });

  it("tests the edge's files with the folders that its container has, on disk and in memory", () => {
    const { stdin } = inputs("command:remote:Command", "edge-files");
    const { tmpfs, mounts, writable } = JSON.parse(stdin.value ?? stdin) as {
      tmpfs: string[];
      mounts: Record<string, string>;
      writable: string[];
    };
    const container = inputs("docker:index/container:Container", "edge");
    assert.deepEqual(tmpfs, Object.keys(container.tmpfs as object));
    const declared = container.mounts as { source: string; target: string; readOnly?: boolean }[];
    assert.deepEqual(mounts, Object.fromEntries(declared.map(({ source, target }) => [source, target])));
    assert.deepEqual(
      writable,
      declared.filter(({ readOnly }) => !readOnly).map(({ source }) => source),
    );
    assert.deepEqual(writable, ["/opt/maicivy/spool/edge"]);
  });

  it("has the switch speak HTTP/2 to an application with gRPC, and to no other", () => {
    const spoken = (app: string): unknown => {
      const { stdin } = inputs("command:remote:Command", `${app}-traffic`);
      return (JSON.parse(stdin.value ?? stdin) as { grpc?: boolean }).grpc;
    };
    assert.deepEqual([spoken("api"), spoken("web")], [true, undefined]);
  });

  it("gives Nginx the passwords of visitors before the files that ask for them, as a secret", () => {
    const { stdin } = inputs("command:remote:Command", "edge-users");
    const { directory, files } = JSON.parse(stdin.value as string) as Record<string, unknown>;
    assert.equal(directory, "/opt/maicivy/edge/users");
    assert.deepEqual(files, { route_api__47admin_47: { ann: "s3cr3t" } });
    assert.ok(waitsFor["edge-files"]!.some((urn) => urn.endsWith("::edge-users")));
    const { stdin: written } = inputs("command:remote:Command", "edge-files");
    const other = (written.value ?? written) as string;
    assert.match(other, /auth_basic_user_file \/etc\/fairlead\/users\/route_api__47admin_47;/);
    assert.ok(!other.includes("s3cr3t"));
  });

  it("gives the edge no folder in memory in which anything of a visitor's could lie, and the memory that is declared", () => {
    const { tmpfs, memory } = inputs("docker:index/container:Container", "edge");
    assert.equal(memory, 128);
    for (const options of Object.values(tmpfs as Record<string, string>)) assert.match(options, /size=1m/);
  });

  it("limits the processes of every container", () => {
    const gated = registered
      .filter(
        ({ type, inputs: args }) =>
          type === "command:remote:Command" &&
          /fairlead (container|switch-container|release) apply$/.test(args.create),
      )
      .map(({ inputs: args }) => JSON.parse(args.stdin.value ?? args.stdin) as { pids: number });
    assert.equal(gated.length, 4 + 2 + 1);
    for (const { pids } of gated) assert.ok(pids >= 16);
  });

  it("lets what is open outlive an update that reloads the switch for each of its applications", () => {
    const { stdin } = inputs("command:remote:Command", "switch-files");
    const { files } = JSON.parse(stdin) as { files: { content: string }[] };
    // The default of eight reloads, and two applications.
    assert.match(files[0]!.content, /\n {2}mworker-max-reloads 10\n/);
  });

  it("lets an application be called by its name by what needs it, once it has its traffic", () => {
    const gateway = inputs("docker:index/container:Container", "api-gateway");
    assert.deepEqual(gateway.networksAdvanced[0].aliases, ["api"]);
    assert.equal(gateway.name, "maicivy_api-gateway");
    const { stdin } = inputs("command:remote:Command", "api-gateway-files");
    const { files } = JSON.parse(stdin) as { files: { content: string }[] };
    assert.match(
      files[0]!.content,
      /\n {2}bind :8080\n[^]*\n {2}server switch unix@\/run\/switch\/api\.sock\n/,
    );
    const name = (urn: string): string => urn.split("::").at(-1)!;
    assert.ok(waitsFor["api-gateway"]!.map(name).includes("api-traffic"));
    const web = Object.keys(waitsFor).find((one) => /^web-[0-9a-f]{10}-1$/.test(one))!;
    assert.ok(waitsFor[web]!.map(name).includes("api-gateway-gate"));
    assert.ok(!registered.some(({ name: one }) => one.startsWith("web-gateway")), "nothing needs it");
  });

  it("brings a rented server up to date before anything else, and confirms what could shut everybody out", () => {
    const commands = registered.filter(({ type }) => type === "command:remote:Command");
    const verbs = commands.map(({ name, inputs: args }) => `${name}: ${String(args.create)}`);
    assert.ok(verbs.includes("host-updates: /usr/local/bin/fairlead updates apply"));
    for (const [name, noun] of Object.entries({
      "firewall-confirm": "firewall",
      "ssh-daemon-confirm": "sshd",
    }))
      assert.ok(verbs.includes(`${name}: /usr/local/bin/fairlead ${noun} confirm`), name);
    const sshd = inputs("command:remote:Command", "ssh-daemon");
    assert.match(String(sshd.stdin.value ?? sshd.stdin), /PermitRootLogin prohibit-password/);
  });

  it("installs AppArmor's parser with the engine, which starts nothing without it on Debian's own kernel", () => {
    const { stdin } = inputs("command:remote:Command", "runtime-engine");
    const { packages } = JSON.parse(stdin as string) as { packages: string[] };
    assert.deepEqual(packages, ["docker.io", "apparmor"]);
  });

  it("publishes no port: the edge alone is in the server's own network", () => {
    for (const { name, inputs: args } of containers()) {
      assert.equal(args.ports, undefined, name);
      assert.equal(args.networkMode, name === "edge" ? "host" : undefined, name);
      assert.equal(args.networksAdvanced === undefined, name === "edge", name);
    }
  });

  it("starts the edge when every application has its traffic", () => {
    const names = waitsFor.edge!.map((urn) => urn.split("::").pop());
    for (const name of ["api-traffic", "web-traffic"]) assert.ok(names.includes(name), names.join());
  });

  it("starts releases without a fixed name or port, while others run", () => {
    const releases = containers().filter(({ name }) => /^(api|web)-[0-9a-f]{10}-/.test(name));
    assert.equal(releases.length, 3);
    for (const { inputs: args } of releases) {
      assert.equal(args.name, undefined);
      assert.equal(args.ports, undefined);
      assert.match(args.networksAdvanced[0].aliases[0], /^(api|web)-[0-9a-f]{10}-\d$/);
    }
  });

  it("hands secrets over as files, or as variables where asked", () => {
    const text = (name: string): string =>
      JSON.stringify(containers().find((one) => one.name.startsWith(name))!.inputs.envs);
    assert.match(text("api-"), /API_KEY_FILE=\/run\/secrets\/API_KEY/);
    assert.match(text("api-"), /DATABASE_URL_FILE=/);
    assert.doesNotMatch(text("api-"), /s3cr3t/);
    assert.match(text("web-"), /API_KEY=s3cr3t/);
  });

  it("puts no secret into a command, a label or an argument", () => {
    for (const { name, inputs: args } of registered) {
      const rest = { ...args, stdin: undefined, envs: undefined };
      assert.doesNotMatch(JSON.stringify(rest), /s3cr3t|postgres:\/\//, name);
    }
  });

  it("never loads the AWS package", () => {
    assert.ok(!Object.keys(require.cache).some((path) => path.includes("@pulumi/aws")));
  });
});
