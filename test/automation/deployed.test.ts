import assert from "node:assert/strict";
import { layersOf } from "../../automation/build/layers.ts";
import { deployed, type DeployResult } from "../../automation/verbs/deployed.ts";

const RESULT: DeployResult = {
  stack: "prod",
  app: "shop",
  image: "ghcr.io/you/shop@sha256:1",
  release: "shop-ab12",
  seconds: 21.4,
  parts: { build: 1.21, send: 0.34, release: 6.78, watch: 10.02 },
  layers: { all: 7, sent: 1 },
};

describe("what a person reads after a deploy", () => {
  it("is what serves, and how long each part took", () =>
    assert.equal(
      deployed(RESULT),
      "shop on prod serves shop-ab12 (ghcr.io/you/shop@sha256:1), after 21 s: built in 1.2 s, sent in 0.3 s " +
        "(1 of 7 layers), released in 6.8 s, watched for 10.0 s.",
    ));

  it("is no word of a build that was elsewhere", () => {
    const { layers: _, ...rest } = RESULT;
    assert.match(
      deployed({ ...rest, parts: { release: 6.78, watch: 0.1 } }),
      /, after 21 s: released in 6\.8 s, watched for 0\.1 s\.$/,
    );
  });

  it("is that nothing changed where it served already", () => {
    const { release: _, ...rest } = RESULT;
    assert.equal(deployed(rest), "Nothing changed: shop on prod serves ghcr.io/you/shop@sha256:1 already.");
  });
});

describe("the layers of an image that was pushed", () => {
  it("are those that were sent, and those that were there", () => {
    const events = [
      { status: "The push refers to repository [127.0.0.1:5000/built/shop]" },
      ...["a", "b", "c", "d"].map((id) => ({ id, status: "Preparing" })),
      { id: "a", status: "Pushing" },
      { id: "b", status: "Layer already exists" },
      { id: "c", status: "Mounted from base" },
      { id: "a", status: "Pushed" },
      { id: "d", status: "Pushed" },
      { status: "latest: digest: sha256:1 size: 1" },
    ];
    assert.deepEqual(layersOf(events), { all: 4, sent: 2 });
    assert.deepEqual(layersOf([]), { all: 0, sent: 0 });
  });
});
