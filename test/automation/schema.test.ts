import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020.js";
import { parse } from "yaml";

const ROOT = join(__dirname, "..", "..");
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const validate = new Ajv({ allErrors: true, strict: true }).compile(JSON.parse(read("config/schema.json")));

/** Where an editor would underline something. */
function marks(file: unknown): string[] {
  return validate(file)
    ? []
    : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** The stack files of the examples; the ones at the root are a person's own, in any state. */
function stackFiles(): string[] {
  const folders = ["examples", ...readdirSync(join(ROOT, "examples")).map((name) => `examples/${name}`)];
  return folders
    .filter((folder) => existsSync(join(ROOT, folder)))
    .flatMap((folder) => {
      const names = readdirSync(join(ROOT, folder), { withFileTypes: true });
      return names.filter((one) => one.isFile()).map(({ name }) => join(folder, name));
    })
    .filter((path) => /(^|\/)Pulumi\.[^/]+\.yaml$/.test(path));
}

describe("the editor's schema", () => {
  for (const path of stackFiles()) {
    it(`accepts ${path}`, () => assert.deepEqual(marks(parse(read(path))), []));
  }

  it("is asked about staging and prod at least", () => {
    const found = stackFiles();
    assert.ok(
      ["staging", "prod"]
        .map((name) => `examples/maicivy/Pulumi.${name}.yaml`)
        .every((path) => found.includes(path)),
      found.join(),
    );
  });

  /** staging with one mistake, and the place at which it must be seen. */
  const broken: [string, (config: Record<string, any>) => void, RegExp][] = [
    ["no domain", (c) => delete c["fairlead:domain"], /^\/config must have .*fairlead:domain/],
    ["an unknown setting", (c) => (c["fairlead:domian"] = "x.test"), /^\/config must NOT have additional/],
    [
      "an unknown setting of an application",
      (c) => (c["fairlead:apps"].backend.replica = 2),
      /backend must NOT/,
    ],
    [
      "an unknown setting of the box",
      (c) => (c["fairlead:server"].box.disk = "1 GB"),
      /server\/box must NOT/,
    ],
    [
      "a port beyond 65535",
      (c) => (c["fairlead:apps"].backend.port = 70000),
      /backend\/port must be <= 65535/,
    ],
    ["a port that is a word", (c) => (c["fairlead:apps"].backend.port = "http"), /backend\/port must be/],
    [
      "a size without a unit",
      (c) => (c["fairlead:apps"].backend.resources.memory = "256"),
      /memory must match/,
    ],
    [
      "an image set that doesn't exist",
      (c) => (c["fairlead:images"] = "alpine"),
      /images must be equal to one/,
    ],
    ["a secret in plain text", (c) => (c["fairlead:API_KEY"] = "k"), /API_KEY must be object/],
    [
      "a route that breaks out",
      (c) => (c["fairlead:apps"].backend.routes[0].path = "/a;b"),
      /path must match/,
    ],
    ["an application in upper case", (c) => (c["fairlead:apps"].API = c["fairlead:apps"].backend), /apps/],
    ["a digest that is too short", (c) => (c["fairlead:digests"] = { "a:1": "sha256:1" }), /digests/],
  ];
  for (const [name, mistake, expected] of broken) {
    it(`marks ${name}`, () => {
      const file = parse(read("examples/maicivy/Pulumi.staging.yaml")) as { config: Record<string, unknown> };
      mistake(file.config);
      const found = marks(file);
      assert.ok(
        found.some((text) => expected.test(text)),
        `expected ${expected}, found ${found.join("; ") || "nothing"}`,
      );
    });
  }

  it("accepts what set-up and promote record", () => {
    const file = parse(read("examples/maicivy/Pulumi.staging.yaml")) as {
      config: Record<string, any>;
      encryptionsalt?: string;
    };
    const image = `ghcr.io/me/api@sha256:${"a".repeat(64)}`;
    file.encryptionsalt = "v1:abc";
    file.config["fairlead:POSTGRES_PASSWORD"] = { secure: "v1:x" };
    file.config["fairlead:digests"] = { "registry.fairlead.internal:5000/box:bookworm": image.split("@")[1] };
    file.config["fairlead:releases"] = { backend: [{ image, weight: 100 }] };
    file.config["fairlead:server"].box.registry = "127.0.0.1:5001";
    assert.deepEqual(marks(file), []);
  });
});
