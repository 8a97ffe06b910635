import assert from "node:assert/strict";
import { UNKNOWN, UnsupportedError } from "../../src/providers/contract.ts";
import type { Ctx, Props } from "../../src/providers/contract.ts";
import { loginFor, loginsOf } from "../../src/providers/docker/logins.ts";
import { docker } from "../../src/providers/docker/index.ts";
import { withoutDefaults } from "../../src/providers/bridge/values.ts";
import { checked, context, typeOf } from "./golden.ts";

const CONTAINER = "docker:index/container:Container";
const VOLUME = "docker:index/volume:Volume";

describe("the docker provider without an engine", () => {
  const nowhere = (): Promise<Ctx> => docker.configure({ host: "ssh://root@192.0.2.1" }, context());

  it("previews without connecting", async () => {
    const ctx = await nowhere();
    const [type, urn] = [typeOf(CONTAINER), `urn:pulumi:dev::test::${CONTAINER}::c`];
    const { inputs } = await type.check(
      ctx,
      urn,
      undefined,
      { image: UNKNOWN, memory: 1 },
      new Uint8Array(32),
    );
    const { outputs } = await type.create(ctx, urn, inputs, true);
    assert.deepEqual(
      [outputs["image"], outputs["id"], outputs["memory"], outputs["hostname"]],
      [UNKNOWN, UNKNOWN, 1, UNKNOWN],
    );
    assert.match(String(outputs["name"]), /^c-[0-9a-f]{7}$/);
    assert.equal(JSON.stringify(withoutDefaults(outputs)).includes("__defaults"), false);
    await docker.close(ctx);
  });

  it("keeps an automatic name, and makes the same one from the same seed", async () => {
    const [type, urn] = [typeOf(CONTAINER), `urn:pulumi:dev::test::${CONTAINER}::c`];
    const first = await checked(type, urn, { image: "i" });
    assert.deepEqual(await checked(type, urn, { image: "i" }), first);
    const ctx = context();
    const again = await type.check(ctx, urn, first, { image: "j" }, new Uint8Array(32).fill(9));
    assert.equal(again.inputs["name"], first["name"]);
  });

  it("needs no address in a preview, and says so when it does", async () => {
    const ctx = await docker.configure({ host: UNKNOWN }, context());
    await assert.rejects(
      typeOf(VOLUME).read(ctx, "v", "urn", {}, {}),
      /the provider's address is known only after/,
    );
    await docker.close(ctx);
  });

  it("refuses by name what is left to the official CLI", async () => {
    const type = typeOf(CONTAINER);
    for (const inputs of [
      { gpus: "all" },
      { deviceRequests: [] },
      { nonsense: 1 },
      { mounts: [{ type: "bind", target: "/", x: 1 }] },
      { mounts: [{ type: "tmpfs", target: "/", tmpfsOptions: { mode: 448 } }] },
      { networksAdvanced: [{ name: "n", macAddress: "02:42:ac:11:00:02" }] },
      { uploads: [{ file: "/x", source: "/y" }] },
      { volumes: [{ fromContainer: "c" }] },
      { dns: ["127.0.0.1"] },
      { privileged: true },
      { attach: true },
    ])
      await assert.rejects(
        type.check(
          context(),
          "urn",
          undefined,
          { image: "i", ...inputs } as unknown as Props,
          new Uint8Array(32),
        ),
        UnsupportedError,
      );
    for (const config of [
      { host: "tcp://1.2.3.4:2375" },
      { certPath: "/x" },
      { registryAuth: '[{"address":"ghcr.io","configFile":"/root/.docker/config.json"}]' },
      { sshOpts: '["-o","ProxyJump=x"]', host: "ssh://a" },
    ])
      await assert.rejects(docker.checkConfig(config as unknown as Props), UnsupportedError);
  });

  it("finds the login of an image's registry as upstream does", () => {
    const logins = loginsOf(
      JSON.stringify([
        { address: "https://ghcr.io", username: "a", password: "1" },
        { address: "registry-1.docker.io", username: "b", password: "2" },
        { address: "registry.test:5000/v2/", username: "c", password: "3" },
      ]),
    );
    const images = ["ghcr.io/me/x:1", "me/x", "nginx:1", "registry.test:5000/x@sha256:ab", "quay.io/me/x"];
    const users = images.map((image) => loginFor(image, logins)?.username);
    assert.deepEqual(users, ["a", "b", "b", "c", undefined]);
  });

  it("names wrong values", async () => {
    const type = typeOf(CONTAINER);
    const wrong = {
      restart: "sometimes",
      memory: -1,
      command: "ls",
      ports: [{ internal: "http" }],
      healthcheck: { interval: "soon" },
    };
    const { failures } = await type.check(context(), "urn", undefined, wrong as Props, new Uint8Array(32));
    assert.deepEqual(failures.map((f) => f.property).sort(), [
      "command",
      "healthcheck.interval",
      "image",
      "memory",
      "ports[0].internal",
      "restart",
    ]);
    assert.ok(
      failures.some((f) => f.reason === 'expected no, on-failure, always or unless-stopped, got "sometimes"'),
    );
  });
});
