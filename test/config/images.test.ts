import assert from "node:assert/strict";
import {
  usesDebianImages,
  digestOf,
  infrastructureImage,
  pin,
  pulledFrom,
  serverRegistry,
  repository,
  usesRegistry,
} from "../../config/images.ts";
import { digest, parsed } from "../support/settings.ts";

describe("image references", () => {
  const table: [string, string, string | undefined][] = [
    ["postgres:15", "postgres", undefined],
    ["postgres", "postgres", undefined],
    ["registry.test:5000/api", "registry.test:5000/api", undefined],
    ["registry.test:5000/api:1", "registry.test:5000/api", undefined],
    [`registry.test:5000/api:1@${digest("a")}`, "registry.test:5000/api", digest("a")],
    [`ghcr.io/me/api@${digest("b")}`, "ghcr.io/me/api", digest("b")],
  ];
  for (const [reference, name, hash] of table) {
    it(`takes ${reference.slice(0, 40)} apart`, () => {
      assert.equal(repository(reference), name);
      assert.equal(digestOf(reference), hash);
    });
  }

  it("are pinned by their own digest or a recorded one, never by a guess", () => {
    assert.equal(pin("a/b:1", { "a/b:1": digest("c") }), `a/b@${digest("c")}`);
    assert.equal(pin(`a/b:1@${digest("d")}`, {}), `a/b@${digest("d")}`);
    assert.equal(pin("a/b:1", { "a/b:2": digest("c") }), undefined);
  });

  it("come from the local registry for a box and for our own set, and for nothing else", () => {
    const server = { address: "203.0.113.7" };
    const uses = (settings: Record<string, unknown>): boolean => usesRegistry(parsed(settings).config);
    assert.ok(uses({ images: "official" }), "the box itself");
    assert.ok(uses({ images: "debian", server }));
    assert.ok(!uses({ images: "official", server }));
    const apps = { web: { image: "registry.fairlead.internal:5000/web:1", port: 80 } };
    assert.ok(uses({ images: "official", server, apps }));
  });

  it("reach a rented server over SSH, unless it reaches the registry by itself or needs nothing of it", () => {
    const server = { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA" };
    const from = (settings: Record<string, unknown>): string | undefined =>
      serverRegistry(parsed(settings).config);
    assert.equal(from({ server }), undefined);
    assert.equal(from({ server, images: "debian" }), "127.0.0.1:5959");
    assert.equal(from({ server, apps: { web: { build: ".", port: 80 } } }), "127.0.0.1:5959");
    const own = [{ image: `registry.fairlead.internal:5000/built/api@${digest("a")}`, weight: 1 }];
    assert.equal(from({ server, releases: { api: own } }), "127.0.0.1:5959");
    assert.equal(
      from({ server: { ...server, registry: "10.0.0.5:5000" }, images: "debian" }),
      "10.0.0.5:5000",
    );
    assert.equal(from({ images: "debian" }), undefined, "a box has it on its network");
  });

  it("need Debian's tools for a box, the Debian set and what the project makes, and for nothing else", () => {
    const server = { address: "203.0.113.7", hostKey: "ssh-ed25519 AAAA" };
    const needs = (settings: Record<string, unknown>): boolean =>
      usesDebianImages(parsed(settings).config, ["backend"]);
    const running = (image: string): object => ({ server, apps: { web: { image, port: 80 } } });
    assert.equal(needs({ server }), false);
    assert.equal(needs({ server, apps: { web: { build: ".", port: 80 } } }), false);
    assert.equal(needs({ ...running("registry.fairlead.internal:5000/me/web:1") }), false);
    assert.equal(needs({ ...running("registry.fairlead.internal:5000/backend:1") }), true);
    assert.equal(needs({ server, images: "debian" }), true);
    assert.equal(needs({}), true);
  });

  it("of our own are pulled from where a server reaches the registry, others from where they are", () => {
    const own = `registry.fairlead.internal:5000/redis@${digest("c")}`;
    assert.equal(pulledFrom(own, "10.0.0.5:5000"), `10.0.0.5:5000/redis@${digest("c")}`);
    assert.equal(pulledFrom(own, undefined), own);
    assert.equal(pulledFrom("ghcr.io/a/b:1", "10.0.0.5:5000"), "ghcr.io/a/b:1");
  });

  it("of infrastructure are exact in both sets", () => {
    assert.match(infrastructureImage("official", "postgres"), /^postgres:15\.\d+-alpine$/);
    assert.equal(infrastructureImage("debian", "redis"), "registry.fairlead.internal:5000/redis:7.0");
    assert.equal(infrastructureImage("official", "nginx", "1.2.3"), "nginx:1.2.3");
  });
});
