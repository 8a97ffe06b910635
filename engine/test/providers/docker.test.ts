import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { PartialError } from "../../src/providers/contract.ts";
import type { Ctx, Props } from "../../src/providers/contract.ts";
import { docker } from "../../src/providers/docker/index.ts";
import { CreatedResource, shape } from "./createdResource.ts";
import { BASE, daemon, needsDocker, PREFIX, REGISTRY_LOGIN, startRegistry, sweep } from "./daemon.ts";
import { checked, context, recorded, typeOf } from "./golden.ts";

const CONTAINER = "docker:index/container:Container";
const NETWORK = "docker:index/network:Network";
const VOLUME = "docker:index/volume:Volume";
const IMAGE = "docker:index/remoteImage:RemoteImage";

describe("the docker provider on a real engine", function () {
  this.timeout(120_000);
  let ctx: Ctx;
  let image: string;

  before(async function () {
    await needsDocker(this);
    ctx = await docker.configure({ host: "unix:///var/run/docker.sock" }, context());
    image = (await daemon.getImage(BASE).inspect()).Id;
  });
  afterEach(async () => {
    if (ctx) await sweep();
  });

  const make = (token: string, name: string, inputs: Props): Promise<CreatedResource> =>
    new CreatedResource(ctx, token, name).create(inputs);
  const sleeper = (more: Props = {}): Props => ({
    image,
    command: ["sleep", "infinity"],
    memory: 64,
    memorySwap: 64,
    ...more,
  });

  it("records a container of many options like the official provider", async () => {
    const [own, subnet] = [`${PREFIX}-many`, "10.211.7.0/24"];
    const network = await make(NETWORK, "net", {
      name: own,
      ipamConfigs: [{ subnet, gateway: "10.211.7.1" }],
    });
    await make(VOLUME, "vol", { name: own });
    const golden = recorded("pulumi-3.260-server", "state-r1/.pulumi/stacks/vps/dev.json");
    const like = golden.find((r) => r.name === "database")!;
    const database = await make(CONTAINER, "database", {
      ...like.source,
      name: own,
      image,
      networksAdvanced: [{ name: own, aliases: ["db"], ipv4Address: "10.211.7.10" }],
      volumes: [{ volumeName: own, containerPath: "/data" }],
      ports: [{ internal: 5432, external: 25432, ip: "127.0.0.1", protocol: "tcp" }],
    });
    assert.deepEqual(shape(database.outputs), shape(like.outputs));
    const fixed = (outputs: Props): Props => {
      const chosen = ["name", "image", "networksAdvanced", "networkDatas", "ports", "volumes", "id"];
      return Object.fromEntries(Object.entries(outputs).filter(([key]) => !chosen.includes(key)));
    };
    assert.deepEqual(fixed(database.outputs), fixed(like.outputs));
    const [upload] = like.source["uploads"] as Props[];
    assert.equal(await inside(database.id, ["cat", "/run/secret"]), String(upload!["content"]));
    const before = database.outputs;
    await database.refresh();
    assert.deepEqual(database.outputs, before);
    await database.delete();
    assert.equal(await database.read(), undefined);
    await network.delete();
    assert.equal(await network.read(), undefined);
  });

  async function inside(id: string, command: string[]): Promise<string> {
    const exec = await daemon
      .getContainer(id)
      .exec({ Cmd: command, User: "0", AttachStdout: true, Tty: true });
    const parts: Buffer[] = [];
    for await (const chunk of await exec.start({ Tty: true })) parts.push(chunk as Buffer);
    return Buffer.concat(parts).toString("utf8").trim();
  }

  it("records networks, volumes, images and plain containers like the official provider", async () => {
    const golden = recorded("pulumi-3.260", "export.json");
    const of = (name: string) => golden.find((r) => r.name === name)!;
    const network = await make(NETWORK, "net", {});
    assert.match(String(network.outputs["name"]), /^net-[0-9a-f]{7}$/);
    assert.deepEqual(shape(network.outputs), shape(of("net").outputs));
    await network.delete();
    const volume = await make(VOLUME, "vol", { name: `${PREFIX}-v` });
    assert.deepEqual(shape(volume.outputs), shape(of("vol").outputs));
    const net = await make(NETWORK, "net", { name: `${PREFIX}-n` });
    const web = await make(CONTAINER, "web", {
      ...of("web").source,
      name: `${PREFIX}-w`,
      image: BASE,
      networksAdvanced: [{ name: `${PREFIX}-n` }],
      volumes: [{ volumeName: `${PREFIX}-v`, containerPath: "/data" }],
    });
    assert.deepEqual(shape(web.outputs), shape(of("web").outputs));
    await web.delete();
    await net.delete();
    await volume.delete();
    assert.equal(await volume.read(), undefined);
    const mini = await make(IMAGE, "mini", { name: BASE, keepLocally: true });
    const official = recorded("pulumi-3.260-server", "state-r1/.pulumi/stacks/vps/dev.json");
    assert.deepEqual(shape(mini.outputs), shape(official.find((r) => r.name === "mini")!.outputs));
    assert.equal(mini.id, `${image}${BASE}`);
    await mini.update({ name: BASE, keepLocally: true });
    assert.equal(mini.outputs["imageId"], image);
    await mini.delete();
    assert.equal((await daemon.getImage(BASE).inspect()).Id, image);
  });

  it("takes the other options, and finds no change afterwards", async () => {
    const anonymous = await make(CONTAINER, "all", {
      ...sleeper({ name: `${PREFIX}-all`, entrypoints: ["/usr/bin/env"], command: ["sleep", "100"] }),
      ipcMode: "private", pidMode: "host", cgroupnsMode: "private", readOnly: true, restart: "on-failure",
      tmpfs: { "/run": "size=1m", "/tmp": "" }, removeVolumes: true, stopTimeout: 1,
      mounts: [
        { type: "tmpfs", target: "/mnt/t" },
        { type: "bind", source: "/etc", target: "/mnt/b", readOnly: true, bindOptions: { propagation: "rprivate" } },
        { type: "volume", source: `${PREFIX}-all-v`, target: "/mnt/v", volumeOptions: { noCopy: true } },
      ],
      groupAdds: ["44"], hosts: [{ host: "legacy", ip: "10.0.0.5" }], memoryReservation: 16,
      ulimits: [{ name: "nofile", soft: 1024, hard: 2048 }],
      volumes: [{ hostPath: "/etc/hostname", containerPath: "/mnt/h", readOnly: true }, { containerPath: "/mnt/anon" }],
      ports: [{ internal: 80 }, { internal: 53, protocol: "udp", ip: "127.0.0.1" }],
      securityOpts: ["no-new-privileges", "systempaths=unconfined"],
      labels: [{ label: "z", value: "1" }, { label: "a", value: "2" }], envs: ["Z=1", "A=2"],
    }); // prettier-ignore
    const { Mounts: mounts, HostConfig: host } = await daemon.getContainer(anonymous.id).inspect();
    assert.deepEqual([host.GroupAdd, host.ExtraHosts], [["44"], ["legacy:10.0.0.5"]]);
    assert.deepEqual(host.Ulimits, [{ Name: "nofile", Soft: 1024, Hard: 2048 }]);
    assert.equal(host.MemoryReservation, 16 * 1024 ** 2);
    const given = host.Mounts!.find(({ Target }) => Target === "/mnt/v")!;
    assert.deepEqual(given.VolumeOptions, { NoCopy: true });
    const volume = mounts.find((m) => m.Destination === "/mnt/anon")!.Name!;
    assert.ok((await daemon.getVolume(volume).inspect()).Name);
    await anonymous.delete();
    await daemon.getVolume(`${PREFIX}-all-v`).remove();
    await assert.rejects(daemon.getVolume(volume).inspect(), /no such volume/i);
  }); // prettier-ignore

  it("puts a container into the server's own network, and finds no change afterwards", async () => {
    const inputs = sleeper({ name: `${PREFIX}-host`, networkMode: "host", restart: "unless-stopped" });
    const edge = await make(CONTAINER, "edge", inputs);
    const { HostConfig, NetworkSettings } = await daemon.getContainer(edge.id).inspect();
    assert.deepEqual([HostConfig.NetworkMode, Object.keys(NetworkSettings.Networks)], ["host", ["host"]]);
    const before = edge.outputs;
    assert.equal(before["networkMode"], "host");
    await edge.refresh();
    assert.deepEqual(edge.outputs, before);
    // What another network makes of it is another container.
    const { networkMode: _host, ...elsewhere } = inputs;
    const away = await edge.diff({ ...elsewhere, networksAdvanced: [{ name: "x" }] });
    assert.deepEqual([...away.replaces].sort(), ["networkMode", "networksAdvanced"]);
    await edge.delete();
  });

  it("takes a specification larger than a URL may be", async () => {
    const labels = [{ label: "long", value: "x".repeat(2_000_000) }];
    const made = await make(
      CONTAINER,
      "long",
      sleeper({ name: `${PREFIX}-x`, labels, start: false, mustRun: false }),
    );
    assert.equal((await daemon.getContainer(made.id).inspect()).Config.Labels["long"]?.length, 2_000_000);
  });

  it("updates limits in place and replaces for the rest", async () => {
    const made = await make(CONTAINER, "limits", sleeper({ name: `${PREFIX}-l` }));
    const bigger = sleeper({
      name: `${PREFIX}-l`,
      memory: 96,
      memorySwap: 128,
      restart: "always",
    });
    const diff = await made.diff(bigger);
    assert.deepEqual([diff.diffs, diff.replaces], [["memory", "memorySwap", "restart"], []]);
    await made.update(bigger);
    const { HostConfig: host } = await daemon.getContainer(made.id).inspect();
    const mib = 1024 * 1024;
    assert.deepEqual([host.Memory, host.MemorySwap], [96 * mib, 128 * mib]);
    assert.equal(host.RestartPolicy?.Name, "always");
    const before = made.outputs;
    await made.refresh();
    assert.deepEqual(made.outputs, before);
    const moved = await made.diff({ ...bigger, user: "1" });
    assert.deepEqual([moved.replaces, moved.deleteBeforeReplace], [["user"], true]);
    assert.equal((await made.diff({ ...bigger, user: "" })).changes, "none");
  });

  it("lists a change of healthcheck, tmpfs or init as an update, which changes nothing on the engine", async () => {
    const made = await make(CONTAINER, "quiet", sleeper({ name: `${PREFIX}-q`, init: false }));
    const news = sleeper({
      name: `${PREFIX}-q`,
      init: true,
      tmpfs: { "/t": "" },
      healthcheck: { tests: ["CMD", "true"] },
    });
    const diff = await made.diff(news);
    assert.deepEqual([diff.diffs, diff.replaces], [["healthcheck", "init", "tmpfs"], []]);
    await made.update(news);
    assert.equal((await made.diff(news)).changes, "none");
    assert.equal((await daemon.getContainer(made.id).inspect()).HostConfig.Init, false);
  });

  it("finds an update at every preview for memory without memorySwap, as officially", async () => {
    const urn = `urn:pulumi:dev::test::${CONTAINER}::swap`;
    const type = typeOf(CONTAINER);
    const inputs = await checked(type, urn, {
      name: `${PREFIX}-s`,
      image,
      command: ["sleep", "9"],
      memory: 64,
    });
    const made = await type.create(ctx, urn, inputs, false);
    assert.equal(made.outputs["memorySwap"], 128);
    const diff = await type.diff(ctx, made.id, urn, inputs, made.outputs, inputs);
    assert.deepEqual(diff.detailedDiff, { memorySwap: { kind: "delete", inputDiff: false } });
  });

  it("starts a stopped container that must run, and finds out that one doesn't exist any more", async () => {
    const made = await make(CONTAINER, "stopped", sleeper({ name: `${PREFIX}-st` }));
    await daemon.getContainer(made.id).stop({ t: 0 });
    await made.refresh();
    assert.deepEqual([made.outputs["mustRun"], made.outputs["exitCode"]], [false, 137]);
    const source = sleeper({ name: `${PREFIX}-st` });
    assert.deepEqual((await made.diff(source)).detailedDiff, {
      mustRun: { kind: "update", inputDiff: false },
    });
    await made.update(source);
    assert.equal((await daemon.getContainer(made.id).inspect()).State.Running, true);
    await daemon.getContainer(made.id).remove({ force: true });
    assert.equal(await made.read(), undefined);
    await made.delete();
  });

  it("waits for health, and records what never became healthy", async () => {
    const healthcheck = {
      tests: ["CMD-SHELL", "echo not yet; exit 1"],
      interval: "1s",
      timeout: "1s",
      retries: 1,
    };
    const inputs = sleeper({ name: `${PREFIX}-h`, healthcheck, wait: true, waitTimeout: 2 });
    await assert.rejects(make(CONTAINER, "ill", inputs), (error: unknown) => {
      assert.ok(error instanceof PartialError);
      assert.match(
        error.message,
        /container ".*-h": .* healthy state within 2 s \(last probe exited 1: not yet\)/,
      );
      assert.equal(error.outputs["id"], error.id);
      return true;
    });
    const ended = { ...inputs, name: `${PREFIX}-e`, command: ["false"], waitTimeout: 60 };
    await assert.rejects(make(CONTAINER, "ended", ended), /ended with exit code 1 before it was healthy/);
    const bare = sleeper({ name: `${PREFIX}-b`, wait: true });
    await assert.rejects(make(CONTAINER, "bare", bare), /wait is set, but there is no healthcheck/);
  });

  it("stops waiting when customTimeouts says so, and keeps what exists", async () => {
    const healthcheck = { tests: ["CMD", "false"], interval: "1s", retries: 9 };
    const type = typeOf(CONTAINER);
    const inputs = await checked(
      type,
      "urn::late",
      sleeper({ name: `${PREFIX}-late`, healthcheck, wait: true }),
    );
    await assert.rejects(type.create(ctx, "urn::late", inputs, false, 2), (error: unknown) => {
      assert.ok(error instanceof PartialError && error.id.length === 64);
      assert.match(error.message, /not done after 2 s; give it longer with customTimeouts/);
      return true;
    });
  });

  it("names the resource, the engine's words and a remedy", async () => {
    const busy = createServer();
    await new Promise<void>((resolve) => busy.listen(0, "127.0.0.1", resolve));
    const external = (busy.address() as AddressInfo).port;
    const ports = [{ internal: 80, external, ip: "127.0.0.1" }];
    const port = make(CONTAINER, "port", sleeper({ name: `${PREFIX}-p`, ports }));
    await assert.rejects(port, /container ".*-p": cannot start: .*address already in use.*; free the port/);
    busy.close();
    const missing = make(
      CONTAINER,
      "missing",
      sleeper({ name: `${PREFIX}-m`, image: "localhost:1/no/such:image" }),
    );
    await assert.rejects(
      missing,
      /container ".*-m": image localhost:1\/no\/such:image is not on the engine and cannot be pulled: /,
    );
    const away = make(
      CONTAINER,
      "away",
      sleeper({ name: `${PREFIX}-away`, networksAdvanced: [{ name: `${PREFIX}-no` }] }),
    );
    await assert.rejects(
      away,
      /container ".*-away": cannot .*: network .* not found; create the network first/,
    );
    await make(CONTAINER, "twin", sleeper({ name: `${PREFIX}-t` }));
    await assert.rejects(
      make(CONTAINER, "twin", sleeper({ name: `${PREFIX}-t` })),
      /is already in use.*; remove the other one/,
    );
    const locked = sleeper({ name: `${PREFIX}-ro`, readOnly: true, uploads: [{ file: "/x", content: "x" }] });
    await assert.rejects(
      make(CONTAINER, "locked", locked),
      /cannot upload files: .*read-only; mount a host file/,
    );
    const nowhere = await docker.configure({ host: "unix:///run/no-such.sock" }, context());
    await assert.rejects(
      typeOf(VOLUME).read(nowhere, "v", "urn", {}, { name: "v" }),
      /volume "v": cannot be read: cannot reach the Docker engine at unix:\/\/\/run\/no-such.sock: .*Is it running/,
    );
  });

  /** Of registries of this and of interrupted runs. */
  async function forgetDigests(): Promise<void> {
    const { RepoDigests: digests } = await daemon.getImage(BASE).inspect();
    for (const digest of digests.filter((one) => /^127\.0\.0\.1:\d+\/prov-/.test(one)))
      await daemon.getImage(digest).remove();
  }

  it("pulls an image by its digest from a registry, and removes it unless it is to be kept", async () => {
    const serveraddress = await startRegistry();
    // A name of this run's own: ports come back, and Docker asks no registry for what it remembers to be from there.
    const repository = `${serveraddress}/${PREFIX}`;
    await forgetDigests();
    await daemon.getImage(BASE).tag({ repo: repository, tag: "1" });
    const tagged = daemon.getImage(`${repository}:1`);
    const pushed = await tagged.push({ authconfig: { username: "", password: "", serveraddress } });
    await new Promise((resolve) => daemon.modem.followProgress(pushed, resolve));
    const digest = (await tagged.inspect()).RepoDigests.find((d) => d.startsWith(repository))!;
    await tagged.remove();
    await forgetDigests();

    const missing = make(IMAGE, "app", { name: digest.replace(/.{4}$/, "0000") });
    await assert.rejects(missing, /is not on the engine and cannot be pulled: .*; build or load the image/);
    const made = await make(IMAGE, "app", { name: digest });
    assert.deepEqual([made.outputs["imageId"], made.id], [image, `${image}${digest}`]);
    assert.equal(made.outputs["repoDigest"], digest);
    const container = await make(CONTAINER, "app", sleeper({ name: `${PREFIX}-d`, image: digest }));
    assert.equal(container.outputs["image"], digest);
    const kept = await made.diff({ name: digest, keepLocally: true });
    const other = await made.diff({ name: `${repository}:1` });
    assert.deepEqual([kept.replaces, other.replaces], [[], ["name"]]);
    await container.delete();
    await made.delete();
    assert.equal(await made.read(), undefined);
  });

  it("pulls from a registry that asks for a login with the provider's own, and with no other", async () => {
    const serveraddress = await startRegistry("login");
    const repository = `${serveraddress}/${PREFIX}-private`;
    await forgetDigests();
    await daemon.getImage(BASE).tag({ repo: repository, tag: "1" });
    const tagged = daemon.getImage(`${repository}:1`);
    const pushed = await tagged.push({ authconfig: { ...REGISTRY_LOGIN, serveraddress } });
    await new Promise((resolve) => daemon.modem.followProgress(pushed, resolve));
    const digest = (await tagged.inspect()).RepoDigests.find((d) => d.startsWith(repository))!;
    await tagged.remove();

    const pullAs = async (username: string, password: string): Promise<CreatedResource> => {
      const registryAuth = JSON.stringify([{ address: serveraddress, username, password }]);
      const own = await docker.configure({ host: "unix:///var/run/docker.sock", registryAuth }, context());
      return new CreatedResource(own, IMAGE, "app").create({ name: digest });
    };
    await assert.rejects(
      make(IMAGE, "app", { name: digest }),
      /cannot be pulled: .*no basic auth credentials/,
    );
    await assert.rejects(pullAs("you", "guessed"), (error: Error) => {
      assert.match(error.message, /cannot be pulled: .*unauthorized/);
      assert.doesNotMatch(error.message, /guessed/);
      return true;
    });
    const made = await pullAs(REGISTRY_LOGIN.username, REGISTRY_LOGIN.password);
    assert.equal(made.outputs["repoDigest"], digest);
    await made.delete();
  });
});
