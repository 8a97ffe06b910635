import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildImage } from "../../automation/build/build.ts";
import { claim, claimant, tagsOf, type Repository } from "../../automation/build/claims.ts";
import { repositoryOf } from "../../automation/build/local.ts";
import { pruneBuilds, type Pruned } from "../../automation/build/prune.ts";
import { drain, hasImage } from "../../automation/images/engine.ts";
import { ensureRegistry, registryDigest, removeRegistry } from "../../automation/images/registry.ts";
import { LOCAL_REGISTRY } from "../../config/images.ts";
import { docker, onEngine, PREFIX, published, run } from "./support.ts";

onEngine("old builds", function () {
  this.timeout(60_000);
  const place = { registry: `${PREFIX}-registry`, network: `${PREFIX}-network` };
  const app = `${PREFIX}-shop`;
  const image = `${LOCAL_REGISTRY}/built/${app}:latest`;
  const none = { username: "", password: "" };
  let folder: string;
  let local: Repository;
  let registryImage: string;

  before(async function () {
    this.timeout(300_000);
    await published(["redis"]);
    registryImage = (await docker.listImages({ filters: { label: ["io.fairlead.image=registry"] } }))[0]!.Id;
    folder = await mkdtemp(join(tmpdir(), "builds-"));
    await writeFile(join(folder, "Pulumi.prod.yaml"), "config: {}\n");
    await writeFile(join(folder, "same"), "same");
    const request = { docker, image: registryImage, hash: "one", port: 5100, checkout: folder, place };
    local = repositoryOf(image, await ensureRegistry(request));
  });
  after(async () => {
    const built = await docker.listImages({ filters: { label: [`io.fairlead.built-for=${app}`] } });
    for (const { Id } of built) await docker.getImage(Id).remove({ force: true });
    await removeRegistry({ place, checkout: folder });
    await rm(folder, { recursive: true });
  });

  /** What `npm run deploy` does with a change, up to the release. */
  async function deployed(code: string, stack = "prod"): Promise<string> {
    await writeFile(join(folder, "code"), code);
    await writeFile(join(folder, "Dockerfile"), "FROM scratch\nCOPY same /same\nCOPY code /code\n");
    const name = `${local.registry}/${local.name}:latest`;
    const architecture = (await docker.version()).Arch;
    const build = { context: folder, dockerfile: "Dockerfile", args: {} };
    await buildImage({ app, build, name, architecture, say: () => undefined });
    const events = await drain(await docker.getImage(name).push({ authconfig: none }));
    const digest = events.findLast(({ aux }) => aux?.Digest)!.aux!.Digest!;
    await claim(local, digest, claimant(folder, stack));
    return digest;
  }

  const prune = async (keep = 1, running: string[] = [], quiet = 0): Promise<Pruned> => {
    await sleep(1500);
    const folders = { root: folder, local: join(folder, ".fairlead") };
    return pruneBuilds({ stack: "prod", app, image, running, keep, folders, place, quiet });
  };
  const reference = (digest: string): string => `${local.registry}/${local.name}@${digest}`;
  const known = async (digest: string): Promise<boolean> =>
    (await tagsOf(local)).some((one) => one.digest === digest);
  const pulled = (digest: string): Promise<boolean> =>
    docker
      .pull(reference(digest), { authconfig: none })
      .then((stream) => drain(stream))
      .then(
        () => true,
        () => false,
      );

  it("leave registry, its disk and engine; the last ones can be pulled, and the registry goes on", async () => {
    const [a, b, c] = [await deployed("one"), await deployed("two"), await deployed("three")];
    const size = async (): Promise<number> => {
      const registry = docker.getContainer(place.registry);
      const blobs = "/var/lib/registry/docker/registry/v2/blobs";
      return Number(
        (await run(registry, "find", blobs, "-name", "data", "-printf", "1\n")).out.split("\n").length,
      );
    };
    const before = await size();
    assert.deepEqual(await prune(), { removed: [reference(a)] });
    // Manifest, configuration and the layer with the code; the other layer is needed by the others.
    assert.equal(before - (await size()), 3);
    assert.equal(await known(a), false);
    assert.equal(await hasImage(docker, reference(a)), false);
    assert.equal(await pulled(a), false);
    for (const digest of [b, c]) {
      assert.ok(await hasImage(docker, reference(digest)));
      await docker.getImage(reference(digest)).remove({ force: true });
      assert.ok(await pulled(digest), digest);
    }
    assert.deepEqual(await prune(), { removed: [] });
    assert.equal(await deployed("three"), c);
  });

  it("stay for who else needs them: another stack, a stack file, a release that runs", async () => {
    const file = join(folder, "Pulumi.staging.yaml");
    const [a, b, c] = [await deployed("four"), await deployed("five"), await deployed("six")];
    await deployed("seven");
    await claim(local, a, claimant("/another/checkout", "prod"));
    await writeFile(file, `config:\n  fairlead:digests: {shop: "${b}"}\n`);
    try {
      const { removed } = await prune(0, [reference(c)]);
      for (const digest of [a, b, c]) assert.ok(!removed.includes(reference(digest)));
      assert.equal(removed.length, 2);
    } finally {
      await rm(file);
    }
    assert.deepEqual((await prune(0)).removed, [reference(b), reference(c)]);
    assert.ok(await pulled(a));
  });

  it("stay on the engine for a container", async () => {
    const a = await deployed("eight");
    const container = await docker.createContainer({
      Image: reference(a),
      Cmd: ["x"],
      name: `${PREFIX}-user`,
    });
    try {
      await deployed("nine");
      const { removed } = await prune(0);
      assert.ok(removed.includes(reference(a)));
      assert.ok(await hasImage(docker, reference(a)));
    } finally {
      await container.remove();
    }
  });

  it("stay while somebody publishes, and go another time", async () => {
    const a = await deployed("ten");
    await deployed("eleven");
    const begun = await fetch(`http://${local.registry}/v2/other/blobs/uploads/`, { method: "POST" });
    assert.equal(begun.status, 202);
    assert.deepEqual(await prune(0, [], 30), { removed: [], busy: true });
    assert.ok(await known(a));
    assert.ok((await prune(0)).removed.includes(reference(a)));
  });

  it("don't leave the registry held by a run that was killed", async () => {
    await docker.getContainer(place.registry).pause();
    const port = Number(local.registry.split(":")[1]);
    const request = { docker, image: registryImage, hash: "one", port, checkout: folder, place };
    assert.equal(await ensureRegistry(request), port);
    assert.equal(await registryDigest(docker, port, "none", "none"), undefined);
  });

  it("that went to a registry elsewhere leave this engine only, but for the last ones", async () => {
    const names = ["x1", "x2", "x3"].map((code) => ({ code, repo: `${local.registry}/elsewhere/${app}` }));
    const digests: string[] = [];
    for (const { code, repo } of names) {
      await writeFile(join(folder, "code"), code);
      const build = { context: folder, dockerfile: "Dockerfile", args: {} };
      const architecture = (await docker.version()).Arch;
      await buildImage({ app, build, name: `${repo}:latest`, architecture, say: () => undefined });
      const events = await drain(await docker.getImage(`${repo}:latest`).push({ authconfig: none }));
      digests.push(events.findLast(({ aux }) => aux?.Digest)!.aux!.Digest!);
      await sleep(1100);
    }
    const repo = names[0]!.repo;
    const folders = { root: folder, local: join(folder, ".fairlead") };
    const request = { stack: "prod", app, image: repo, running: [], keep: 1, folders, place };
    assert.deepEqual(await pruneBuilds(request), { removed: [`${repo}@${digests[0]}`] });
    assert.ok(await hasImage(docker, `${repo}@${digests[1]}`));
    const port = Number(local.registry.split(":")[1]);
    assert.equal(await registryDigest(docker, port, `elsewhere/${app}`, "latest"), digests[2]);
  });
});
