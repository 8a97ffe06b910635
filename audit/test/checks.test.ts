import assert from "node:assert/strict";
import type { About } from "../src/about.ts";
import { FAMILIES } from "../src/registry.ts";
import { BROKEN } from "./broken.ts";
import { ABOUT, healthy, type Evidence } from "./healthy.ts";

const ALL = FAMILIES.flatMap(({ checks }) => checks);
/** The part of the evidence that the family of an id looks at. */
const topic = (id: string): keyof Evidence =>
  id.startsWith("containers.") ? "docker" : (id.split(".")[0] as keyof Evidence);

describe("audit: every check", () => {
  it("has an id of its own, a title, a requirement and a remedy", () => {
    assert.equal(new Set(ALL.map(({ id }) => id)).size, ALL.length);
    for (const check of ALL) {
      assert.match(check.id, /^[a-z]+\.[a-z0-9.-]+$/);
      assert.ok(check.title && check.remedy && check.requirements.length > 0, check.id);
    }
  });

  it("has a server that is broken for it, and no broken server is for none", () => {
    assert.deepEqual(Object.keys(BROKEN).sort(), ALL.map(({ id }) => id).sort());
  });

  for (const check of ALL) {
    it(`${check.id} passes a healthy server and fails a broken one`, () => {
      const good = healthy();
      assert.equal(
        check.judge(good[topic(check.id)], ABOUT).result,
        "pass",
        check.judge(good[topic(check.id)], ABOUT).found,
      );
      const bad = healthy();
      const about: About = { ...ABOUT };
      BROKEN[check.id]!(bad, about);
      const { result, found } = check.judge(bad[topic(check.id)], about);
      assert.equal(result, "fail", found);
      assert.ok(found.length > 0);
    });
  }
});
