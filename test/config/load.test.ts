import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { load } from "../../config/load.ts";
import { ConfigError } from "../../config/problems.ts";
import { MINIMAL, raw } from "../support/settings.ts";

describe("the program's configuration", () => {
  before(async () => {
    const echo = ({ inputs }: { inputs: object }): object => inputs;
    await pulumi.runtime.setMocks(
      { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: echo },
      "fairlead",
      "test",
      false,
    );
  });

  const missing = (secrets: Record<string, string>): string[] => {
    pulumi.runtime.setAllConfig({ ...raw(MINIMAL), ...secrets });
    try {
      load();
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.problems.map(({ path }) => path).filter((path) => path.endsWith("_PASSWORD"));
    }
    return [];
  };

  it("is refused without the passwords that set-up makes, before any resource is declared", () => {
    assert.deepEqual(missing({}), ["POSTGRES_PASSWORD", "REDIS_PASSWORD"]);
    assert.deepEqual(missing({ "fairlead:POSTGRES_PASSWORD": "pg" }), ["REDIS_PASSWORD"]);
    assert.deepEqual(missing({ "fairlead:POSTGRES_PASSWORD": "pg", "fairlead:REDIS_PASSWORD": "rd" }), []);
  });
});
