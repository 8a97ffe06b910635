import assert from "node:assert/strict";
import type { Stack } from "@pulumi/pulumi/automation";
import { UserError } from "../../automation/lib/errors.ts";
import { afterFailure, takeBack } from "../../automation/lib/restore.ts";

describe("an update that isn't healthy", () => {
  const stack = { name: "test" } as Stack;
  const failure = new UserError("Not healthy through the edge: api: https://x/ answered 503", "Look there.");
  const quiet = (): void => undefined;

  it("stays as it is where nothing served before, and says so", async () => {
    const failed = await takeBack(stack, failure, undefined, quiet);
    assert.match(failed.message, /The stack is up, but not healthy\. Not healthy through the edge: api/);
    assert.match(failed.message, /Nothing that was healthy served before, so nothing was put back/);
    assert.deepEqual([failed.remedy, failed.restored], ["Look there.", []]);
  });

  it("that failed by itself says its own reason where nothing served before", async () => {
    await assert.rejects(afterFailure(stack, failure, { seconds: 0 }, quiet), failure);
  });

  it("that was the first says why no site answers where an application failed its gate, and only there", async () => {
    const first = (text: string): Promise<unknown> =>
      afterFailure(stack, new UserError(text, "Correct it."), { seconds: 0, isFirst: true }, quiet).catch(
        (error: unknown) => error,
      );
    const words = "release api-1 gets no traffic; what served before still does.\napi-1 keeps stopping.";
    for (const text of [
      words,
      "release job-1 doesn't pass its gate.",
      "so nothing of it was started; what",
    ]) {
      const failed = await first(text);
      assert.ok(failed instanceof UserError);
      assert.match(failed.message, /No site answers before every application has its traffic/);
      assert.match(failed.remedy, /^Correct it\. Or take the application that failed out of the stack file/);
      assert.ok(failed.message.startsWith(text));
    }
    const other = await first("the server can't be reached");
    assert.equal((other as UserError).message, "the server can't be reached");
  });
});
