import assert from "node:assert/strict";
import { UserError } from "../../automation/lib/errors.ts";
import { runTasks } from "../../automation/lib/tasks.ts";

/** Standard error while something runs. */
async function errorsOf(work: () => Promise<unknown>): Promise<string> {
  const { write } = process.stderr;
  let text = "";
  process.stderr.write = ((part: string) => ((text += part), true)) as typeof write;
  try {
    await work();
  } finally {
    process.stderr.write = write;
  }
  return text;
}

describe("tasks", () => {
  const failure = new UserError("The second one failed.", "Look.");
  const tasks = [
    { title: "First", task: (context: { done: string[] }) => void context.done.push("made a passphrase") },
    { title: "Second", task: () => Promise.reject(failure) },
  ];

  it("end with what the first failing one threw, and say what was done before", async () => {
    const run = () => assert.rejects(runTasks(tasks, { done: [] }, { json: false }), failure);
    assert.match(await errorsOf(run), /Done so far: made a passphrase\n/);
  });

  it("print nothing with JSON", async () => {
    const run = () => assert.rejects(runTasks(tasks, { done: [] }, { json: true }), failure);
    assert.equal(await errorsOf(run), "");
  });
});
