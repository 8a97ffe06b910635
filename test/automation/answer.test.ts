import assert from "node:assert/strict";
import { inspect } from "node:util";
import { readAnswer } from "../../automation/lib/answer.ts";
import { UserError } from "../../automation/lib/errors.ts";

const refused = (text: string, message: RegExp): void =>
  assert.throws(
    () => readAnswer(text),
    (error) => {
      assert.ok(error instanceof UserError && error.remedy);
      assert.match(error.message, message);
      assert.doesNotMatch(inspect(error), /hunter2/);
      return true;
    },
  );

describe("an answer of the host tools", () => {
  it("is JSON", () => assert.deepEqual(readAnswer('{"did": "nothing"}\n'), { did: "nothing" }));

  it("is refused behind what a login prints, which is named", () =>
    refused('Welcome to web-1!\nHave fun\n{"env": "hunter2"}', /prints "Welcome to web-1!" in front/));

  it("is refused when it is truncated or empty, without showing what was in it", () => {
    refused('{"env": "hunter2", "x', /incomplete/);
    refused("", /answered nothing/);
  });
});
