import assert from "node:assert/strict";
import { check } from "../../config/check/index.ts";
import { registryOf } from "../../config/images.ts";
import { ConfigError } from "../../config/problems.ts";
import { digest, parsed } from "../support/settings.ts";

const withApi = (api: Record<string, unknown>): Record<string, unknown> => ({
  apps: { api: { port: 8080, ...api } },
});

/** Paths of the problems of form, with their messages. */
function malformed(settings: Record<string, unknown>): string[] {
  try {
    parsed(settings);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

const wrong = (settings: Record<string, unknown>, secrets: Record<string, string> = {}): string[] =>
  check("test", parsed(settings).config, secrets).map(({ path, message }) => `${path}: ${message}`);

describe("an application that is built here", () => {
  it("is a folder alone, with the rest by default, and its image is in the registry of this machine", () => {
    const { api } = parsed(withApi({ build: "./shop" })).config.apps;
    assert.deepEqual(api!.build, { context: "./shop", dockerfile: "Dockerfile", args: {} });
    assert.equal(api!.image, "registry.fairlead.internal:5000/built/api:latest");
  });

  it("is a group with a Dockerfile, a stage and arguments, and may name its repository", () => {
    const build = {
      context: "../shop",
      dockerfile: "deploy/Dockerfile",
      target: "web",
      args: { NODE: "22" },
    };
    const { api } = parsed(withApi({ build, image: "ghcr.io/you/shop" })).config.apps;
    assert.deepEqual(api!.build, build);
    assert.equal(api!.image, "ghcr.io/you/shop");
  });

  const refused: [string, Record<string, unknown>, RegExp][] = [
    [
      "neither image nor build",
      {},
      /^apps\.api\.image: expected an image such as .*, or build .*, found nothing$/,
    ],
    ["an address", { build: "https://github.com/you/shop" }, /^apps\.api\.build: expected a path such as/],
    ["an option", { build: { context: "--rm" } }, /^apps\.api\.build/],
    ["an unknown key", { build: { context: ".", cache: true } }, /^apps\.api\.build/],
    ["a group without a context", { build: { target: "web" } }, /^apps\.api\.build/],
    ["a stage with blanks", { build: { context: ".", target: "a b" } }, /^apps\.api\.build/],
    ["an argument with a dash", { build: { context: ".", args: { "a-b": "1" } } }, /^apps\.api\.build/],
  ];
  for (const [what, api, message] of refused) {
    it(`is refused with ${what}`, () => {
      const found = malformed(withApi(api));
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0]!, message);
    });
  }

  it("is refused with an image by digest, which can't take what is built", () => {
    const found = wrong(withApi({ build: ".", image: `ghcr.io/you/shop@${digest("a")}` }));
    assert.deepEqual(found, [
      "apps.api.image: expected a repository for what is built, found one image by its digest",
    ]);
  });
});

describe("logins to registries", () => {
  const login = { username: "you", password: "GHCR_TOKEN" };

  it("name a secret that is set", () => {
    assert.deepEqual(wrong({ registries: { "ghcr.io": login } }, { GHCR_TOKEN: "x" }), []);
    assert.deepEqual(wrong({ registries: { "ghcr.io": login } }), [
      "registries.ghcr.io.password: the secret GHCR_TOKEN is not set",
    ]);
  });

  it("know Docker Hub by one name", () => {
    assert.deepEqual(wrong({ registries: { "index.docker.io": login } }, { GHCR_TOKEN: "x" }), [
      "registries.index.docker.io: Docker Hub has another name here",
    ]);
  });

  const refused: [string, Record<string, unknown>][] = [
    ["a password in plain text", { "ghcr.io": { username: "you", password: "s3cret!" } }],
    ["an address with a scheme", { "https://ghcr.io": login }],
    ["a user with a colon", { "ghcr.io": { ...login, username: "a:b" } }],
    ["no user", { "ghcr.io": { password: "GHCR_TOKEN" } }],
  ];
  for (const [what, registries] of refused) {
    it(`are refused with ${what}`, () => assert.equal(malformed({ registries }).length, 1));
  }

  const hosts: [string, string][] = [
    ["nginx", "docker.io"],
    ["me/api:1", "docker.io"],
    ["index.docker.io/me/api", "docker.io"],
    ["ghcr.io/me/api:1", "ghcr.io"],
    ["127.0.0.1:5000/api", "127.0.0.1:5000"],
    ["localhost/api", "localhost"],
  ];
  for (const [reference, host] of hosts) {
    it(`of ${reference} is that of ${host}`, () => assert.equal(registryOf(reference), host));
  }
});
