import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEFAULT_MIRRORS } from "../../automation/images/apt-sources.ts";
import { buildImage, pushImage } from "../../automation/images/build.ts";
import { packContext } from "../../automation/images/context.ts";
import { drain, hasImage } from "../../automation/images/engine.ts";
import { publishImages, registryAddress } from "../../automation/images/index.ts";
import { localName } from "../../automation/images/names.ts";
import { Recipes } from "../../automation/images/recipe.ts";
import {
  ensureRegistry,
  registryDigest,
  removeRegistry,
  runningRegistry,
} from "../../automation/images/registry.ts";
import { isQuiet, sweep } from "../../automation/images/sweep.ts";
import { LOCAL_REGISTRY } from "../../config/images.ts";
import { docker, onEngine, PREFIX, published } from "./support.ts";

onEngine("local registry", function () {
  this.timeout(60_000);
  const place = { registry: `${PREFIX}-registry`, network: `${PREFIX}-network` };
  let image: string;
  let checkout: string;
  const another = "/nowhere/another-checkout";

  before(async function () {
    this.timeout(300_000);
    await published(["redis"]);
    const made = await docker.listImages({ filters: { label: ["io.fairlead.image=registry"] } });
    image = made[0]!.Id;
    checkout = await mkdtemp(join(tmpdir(), "checkout-"));
    await mkdir(join(checkout, ".fairlead", "state"), { recursive: true });
  });
  after(() => rm(checkout, { recursive: true }));
  after(() => removeRegistry({ place, checkout }));

  it("takes the next port when the first one is in use", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const taken = (server.address() as AddressInfo).port;
    try {
      const port = await ensureRegistry({ docker, image, hash: "one", port: taken, checkout, place });
      assert.ok(port > taken && port < taken + 50, `${port}`);
      assert.equal(await runningRegistry(docker, place), port);
    } finally {
      server.close();
    }
  });

  it("stays as it is while its image does", async () => {
    const id = async () => (await docker.getContainer(place.registry).inspect()).Id;
    const [before, port] = [await id(), (await runningRegistry(docker, place))!];
    assert.equal(await ensureRegistry({ docker, image, hash: "one", port: 5000, checkout, place }), port);
    assert.equal(await id(), before);
    await ensureRegistry({ docker, image, hash: "two", port: 5000, checkout, place });
    assert.notEqual(await id(), before);
  });

  it("keeps what was published when it is replaced or was killed", async () => {
    const port = (await runningRegistry(docker, place))!;
    const repo = `127.0.0.1:${port}/kept`;
    await docker.getImage(image).tag({ repo, tag: "1" });
    const pushed = await docker.getImage(`${repo}:1`).push({ authconfig: { username: "", password: "" } });
    await new Promise((resolve) => docker.modem.followProgress(pushed, resolve));
    await docker.getImage(`${repo}:1`).remove();
    const digest = await registryDigest(docker, port, "kept", "1");
    assert.match(digest ?? "", /^sha256:[0-9a-f]{64}$/);
    await docker.getContainer(place.registry).kill();
    assert.equal(await runningRegistry(docker, place), undefined);
    const again = await ensureRegistry({ docker, image, hash: "three", port, checkout: another, place });
    assert.equal(await registryDigest(docker, again, "kept", "1"), digest);
    assert.equal(await registryDigest(docker, again, "kept", "2"), undefined);
  });

  it("takes the same image from several runs at once", async () => {
    const port = (await runningRegistry(docker, place))!;
    const [redis] = await docker.listImages({ filters: { label: ["io.fairlead.image=redis"] } });
    const hash = redis!
      .RepoTags!.map((tag) => /^localhost\/fairlead\/redis:(\w{24})$/.exec(tag)?.[1])
      .find(Boolean)!;
    const run = () => pushImage(docker, { name: "redis", hash, tags: ["content-same", "1"], port });
    try {
      await Promise.all(Array.from({ length: 6 }, run));
      const [content, tag] = [
        await registryDigest(docker, port, "redis", "content-same"),
        await registryDigest(docker, port, "redis", "1"),
      ];
      assert.ok(content);
      assert.equal(content, tag);
    } finally {
      for (const tag of ["content-same", "1"])
        await docker.getImage(`127.0.0.1:${port}/redis:${tag}`).remove();
    }
  });

  it("stays for a box that stands still, and for the checkout that it was made for", async () => {
    const box = await docker.createContainer({
      name: `${PREFIX}-stopped-box`,
      Image: image,
      HostConfig: { NetworkMode: place.network },
    });
    try {
      assert.deepEqual(await removeRegistry({ place, checkout }), []);
    } finally {
      await box.remove();
    }
    // It was made again for another checkout in between, and still belongs to the first one.
    assert.deepEqual(await removeRegistry({ place, checkout: another }), []);
    assert.notEqual(await runningRegistry(docker, place), undefined);
  });

  it("can stand on the official image, where no Debian can be made, with what was published before", async () => {
    const official = "registry:2.8.3";
    // No registry is reached here: its program under its name, on a Debian, unless this machine has the real one.
    const standIn = !(await hasImage(docker, official));
    if (standIn) {
      const lines = [
        `FROM ${image}`,
        "USER root",
        "RUN ln -s /usr/bin/docker-registry /usr/local/bin/registry",
      ];
      const dockerfile = { path: "Dockerfile", content: Buffer.from(lines.join("\n")), executable: false };
      await drain(
        await docker.buildImage(packContext([dockerfile]), { t: official, labels: { test: PREFIX } }),
      );
    }
    const recipe = await new Recipes(join(__dirname, "..", "..")).registry(false);
    assert.equal(recipe.parent, undefined);
    const made = localName("registry", recipe.hash.slice(0, 24));
    try {
      const access = { mirrors: DEFAULT_MIRRORS, proxies: {} };
      await buildImage({ docker, ...recipe, access, onProgress: () => undefined });
      const port = (await runningRegistry(docker, place))!;
      const before = await registryDigest(docker, port, "kept", "1");
      assert.ok(before);
      await ensureRegistry({ docker, image: made, hash: "official", port, checkout, place });
      const { Image } = await docker.getContainer(place.registry).inspect();
      assert.equal(Image, (await docker.getImage(made).inspect()).Id);
      assert.equal(await registryDigest(docker, port, "kept", "1"), before);
      const url = `http://127.0.0.1:${port}/v2/kept/manifests/${before}`;
      assert.equal((await fetch(url, { method: "DELETE" })).status, 202);
      assert.equal(await isQuiet(docker, 60, place), false);
      assert.equal(await isQuiet(docker, -1, place), true);
      assert.equal(await sweep(docker, place), true);
      await ensureRegistry({ docker, image, hash: "one", port, checkout, place });
    } finally {
      await docker.getImage(made).remove({ force: true });
      if (standIn) await docker.getImage(official).remove({ force: true });
    }
  });

  it("goes without a trace", async () => {
    assert.deepEqual(await removeRegistry({ place, checkout }), [
      `container ${place.registry}`,
      `volume ${place.registry}`,
      `network ${place.network}`,
    ]);
    assert.deepEqual(await removeRegistry({ place, checkout }), []);
  });
});

onEngine("published images", function () {
  this.timeout(300_000);

  it("cost next to nothing when they are there, and keep their digests", async () => {
    const first = await publishImages({ names: ["redis", "frontend"], onProgress: () => {} });
    const lines: string[] = [];
    const second = await publishImages({
      names: ["redis", "frontend"],
      onProgress: (line) => lines.push(line),
    });
    assert.deepEqual(second, first);
    assert.deepEqual(lines, []);
  });

  it("come in variants of an application, which differ and say their version", async () => {
    const variants = ["a", "b"].map((tag) => ({
      name: "frontend" as const,
      tag: `${PREFIX}-${tag}`,
      buildArgs: { VERSION: `9.0.0-${tag}` },
    }));
    const digests = await publishImages({ names: [], variants, onProgress: () => {} });
    const references = variants.map(({ tag }) => `${LOCAL_REGISTRY}/frontend:${tag}`);
    assert.deepEqual(Object.keys(digests), references);
    assert.equal(new Set(Object.values(digests)).size, 2);
    const local = await docker.listImages({ filters: { reference: [`*/frontend:${PREFIX}-b`] } });
    const { Config } = await docker.getImage(local[0]!.Id).inspect();
    assert.ok(Config.Env.includes("VERSION=9.0.0-b"), Config.Env.join());
    assert.equal(Config.User, "10001:10001");
    for (const { RepoTags } of await docker.listImages({
      filters: { reference: [`*/frontend:${PREFIX}-*`] },
    })) {
      for (const name of RepoTags ?? []) await docker.getImage(name).remove();
    }
    for (const digest of Object.values(digests)) {
      const url = `http://${await registryAddress()}/v2/frontend/manifests/${digest}`;
      assert.equal((await fetch(url, { method: "DELETE" })).status, 202);
    }
  });

  it("fail with the image's name and the build's last words", async () => {
    const root = await mkdtemp(join(tmpdir(), "images-"));
    const real = join(__dirname, "..", "..");
    try {
      await cp(join(real, "images"), join(root, "images"), { recursive: true });
      for (const app of ["backend", "frontend"]) {
        const path = join("examples", "apps", app, "package.json");
        await cp(join(real, path), join(root, path));
      }
      const broken = "FROM localhost/fairlead/bookworm\nRUN echo last words; exit 3\n";
      await writeFile(join(root, "images", "redis", "Dockerfile"), broken);
      await assert.rejects(
        publishImages({ names: ["redis"], onProgress: () => {}, root }),
        /building the image redis failed: .*returned a non-zero code: 3[^]*last words/,
      );
    } finally {
      await rm(root, { recursive: true });
    }
  });

  it("stop being made when they are no longer wanted", async () => {
    const variants = [{ name: "frontend" as const, tag: "never", buildArgs: { VERSION: PREFIX } }];
    const request = {
      names: [],
      variants,
      onProgress: () => {},
      signal: AbortSignal.abort(new Error("enough")),
    };
    await assert.rejects(publishImages(request), /enough/);
  });
});
