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
});
