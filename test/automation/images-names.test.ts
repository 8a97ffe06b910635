import assert from "node:assert/strict";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parentOf } from "../../automation/images/dockerfile.ts";
import {
  contentTag,
  IMAGES,
  isSuite,
  localName,
  PUBLISHED,
  publishedReference,
  publishedTag,
  repositoryAndTag,
} from "../../automation/images/names.ts";
import { BOX_IMAGE, infrastructureImage } from "../../config/images.ts";

const ROOT = join(__dirname, "..", "..");

describe("names of images", () => {
  const reference = (name: (typeof PUBLISHED)[number]) =>
    publishedReference(
      name,
      publishedTag(name, (app) => `1.2.3-${app}`),
    );

  it("are the references that the config's defaults ask for", () => {
    for (const name of ["postgres", "redis", "haproxy", "nginx"] as const) {
      assert.equal(reference(name), infrastructureImage("debian", name));
    }
    assert.equal(reference("box"), BOX_IMAGE);
  });

  it("carry the version of an application", () => {
    assert.equal(reference("backend"), "registry.fairlead.internal:5000/backend:1.2.3-backend");
  });

  it("never lead a missing local image to a registry on the internet", () => {
    for (const name of IMAGES) assert.match(localName(name), /^localhost\/fairlead\/[a-z-]+:latest$/);
  });

  it("come apart into repository and tag, with any port", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("localhost", "a.b:5000"),
        fc.stringMatching(/^[a-z0-9]{1,9}$/),
        (host, tag) => {
          assert.deepEqual(repositoryAndTag(`${host}/x/y:${tag}`), { repo: `${host}/x/y`, tag });
        },
      ),
    );
  });

  it("fit a tag", () => assert.match(contentTag("0123456789abcdef".repeat(4)), /^content-[0-9a-f]{24}$/));
});

describe("Dockerfile", () => {
  for (const name of IMAGES.filter((one) => !isSuite(one))) {
    it(`of ${name} stands on an image of ours`, () => {
      const path = join(ROOT, "images", name, "Dockerfile");
      assert.ok(IMAGES.includes(parentOf(readFileSync(path, "utf8"), path)));
    });
  }

  const wrong = {
    "no FROM": "RUN true\n",
    "two FROM": "FROM localhost/fairlead/node\nFROM localhost/fairlead/node\n",
    "a foreign image": "FROM debian:bookworm\n",
    "an unknown image of ours": "FROM localhost/fairlead/nothing\n",
  };
  for (const [what, text] of Object.entries(wrong)) {
    it(`with ${what} is refused with its path`, () => {
      assert.throws(
        () => parentOf(text, "images/x/Dockerfile"),
        /^Error: images\/x\/Dockerfile: expected one FROM/,
      );
    });
  }
});
