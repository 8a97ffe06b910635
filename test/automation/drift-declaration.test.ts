import assert from "node:assert/strict";
import { readDeclaration } from "../../automation/drift/declaration.ts";
import { reveal, type Resource } from "../../automation/drift/state.ts";

const secret = (value: unknown): object => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  plaintext: JSON.stringify(value),
});
const PROVIDER = "urn:pulumi:prod::fairlead::pulumi:providers:docker::runtime";

const command = (name: string, create: string, stdin: unknown): Resource => ({
  urn: `urn:pulumi:prod::fairlead::command:remote:Command::${name}`,
  type: "command:remote:Command",
  inputs: { create, stdin },
});
const container = (name: string, provider: string, inputs: Record<string, unknown>): Resource => ({
  urn: `urn:pulumi:prod::fairlead::docker:index/container:Container::${name}`,
  type: "docker:index/container:Container",
  id: `id-${name}`,
  provider: `${provider}::1`,
  inputs,
});
const provider: Resource = {
  urn: PROVIDER,
  type: "pulumi:providers:docker",
  inputs: { host: "ssh://deploy@203.0.113.7:2222", sshOpts: '["-o","BatchMode=yes"]' },
};
const state = [
  provider,
  command("host-tools", "#!/bin/sh\nset -eu\n", '{"__main__.py":""}'),
  command("host-base", "sudo /usr/local/bin/fairlead files apply", '{"name":"base"}'),
  // As a version before the nouns made it.
  command("secrets", "sudo /usr/local/bin/fairlead apply", secret('{"name":"secrets"}')),
  container("web", PROVIDER, { name: "web", envs: secret(["A=b"]) }),
  container("box", "urn:default", { name: "box" }),
  {
    ...container("image", PROVIDER, { name: "registry/nginx@sha256:1" }),
    type: "docker:index/remoteImage:RemoteImage",
  },
  { ...container("old", PROVIDER, { name: "old" }), delete: true },
];

describe("the declaration in a stack's state", () => {
  it("is what the host commands' inputs and the containers' inputs say", () => {
    const { calls, containers, box, images } = readDeclaration(state);
    assert.deepEqual(
      images.map(({ id }) => id),
      ["id-image"],
    );
    assert.deepEqual(
      calls.map(({ verb, input, secret: hidden }) => [verb, input, hidden]),
      [
        ["tools", { "__main__.py": "" }, false],
        ["files apply", { name: "base" }, false],
        ["apply", { name: "secrets" }, true],
      ],
    );
    assert.deepEqual(
      containers.map(({ id, inputs, secretEnvs }) => [id, inputs.envs, secretEnvs]),
      [["id-web", ["A=b"], true]],
    );
    assert.equal(box?.id, "id-box");
  });

  it("reaches the server the way the stack does, privileges included", () => {
    const { ssh, tool } = readDeclaration(state);
    assert.deepEqual(ssh, ["-o", "BatchMode=yes", "-p", "2222", "deploy@203.0.113.7"]);
    assert.equal(tool, "sudo /usr/local/bin/fairlead");
  });

  it("is refused for a stack that was never deployed", () =>
    assert.throws(() => readDeclaration([]), /has not been deployed yet/));

  it("unwraps secrets anywhere, and says that there were some", () =>
    assert.deepEqual(reveal({ a: [1, secret({ b: "c" })] }), {
      value: { a: [1, { b: "c" }] },
      secret: true,
    }));
});
