import assert from "node:assert/strict";
import { readOutputs } from "../../automation/lib/outputs.ts";
import { OUTPUTS } from "../support/outputs.ts";

const map = (values: object): Record<string, { value: unknown; secret: boolean }> =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, { value, secret: false }]));

describe("the outputs of a stack", () => {
  it("are read as they were exported", () => {
    assert.deepEqual(readOutputs(map(OUTPUTS)), OUTPUTS);
  });

  it("may come from an older program without health paths", () => {
    const { health: _, ...rest } = OUTPUTS;
    assert.deepEqual(readOutputs(map(rest))?.health, {});
  });

  it("have no certificate where public trust is enough", () => {
    const { certificate: _, ...rest } = OUTPUTS;
    assert.equal(readOutputs(map(rest))?.certificate, undefined);
    assert.equal(readOutputs(map(rest))?.url, OUTPUTS.url);
  });

  it("of an earlier version say how the server is reached in the command for a person", () => {
    const { connection, ...rest } = OUTPUTS;
    assert.deepEqual(readOutputs(map(rest))?.connection, connection);
    const agent = "ssh -p 22 -o UserKnownHostsFile=.fairlead/prod/ssh/known_hosts deploy@203.0.113.7";
    assert.deepEqual(readOutputs(map({ ...rest, ssh: agent }))?.connection, {
      host: "203.0.113.7",
      port: 22,
      user: "deploy",
      identity: undefined,
      knownHosts: ".fairlead/prod/ssh/known_hosts",
      tool: "sudo -n /usr/local/bin/fairlead",
    });
    assert.equal(readOutputs(map({ ...rest, ssh: "telnet 203.0.113.7" })), undefined);
  });

  it("leave out what is not read", () => {
    assert.deepEqual(readOutputs(map({ ...OUTPUTS, extra: 1 })), OUTPUTS);
  });

  for (const key of ["url", "address", "images", "ssh", "releases"]) {
    it(`count as none without ${key}`, () => {
      assert.equal(readOutputs(map({ ...OUTPUTS, [key]: undefined })), undefined);
    });
  }

  it("count as none for a stack that isn't up, or with a weight that is a text", () => {
    assert.equal(readOutputs({}), undefined);
    const releases = { api: [{ release: "api-1", image: "a@b", weight: "100" }] };
    assert.equal(readOutputs(map({ ...OUTPUTS, releases })), undefined);
  });
});
