import assert from "node:assert/strict";
import { answered, type Drift } from "../../automation/drift/drift.ts";
import { UserError } from "../../automation/lib/errors.ts";

describe("a look for drift as an answer", () => {
  const seen: Drift = {
    stack: "prod",
    drifted: false,
    resources: [],
    extras: [],
    unseen: [],
    jobs: [],
    found: new Map(),
    state: [],
    declaration: {
      calls: [],
      containers: [],
      networks: [],
      volumes: [],
      images: [],
      upstreams: [],
      ssh: [],
      tool: "",
    },
  };
  const unseen = [{ urn: "u", name: "ssh", reason: "Bad configuration option: Foo" }];

  it("is none after a look at everything, and some whatever else was hidden", () => {
    assert.equal(answered(seen), seen);
    const some = { ...seen, drifted: true, unseen };
    assert.equal(answered(some), some);
  });

  it("is none of both when nothing was found where not everything was seen", () => {
    assert.throws(
      () => answered({ ...seen, unseen }),
      (error) => error instanceof UserError && /can't be looked at:\nssh: Bad conf/.test(error.message),
    );
  });
});
