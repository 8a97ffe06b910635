import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";

const PROGRAM = `
const { catchInterrupts, interruptible, stopIfInterrupted } = require(${JSON.stringify(join(__dirname, "..", "..", "automation", "lib", "interrupt.ts"))});
catchInterrupts();
const engine = (signal) => new Promise((resolve) => {
  signal.addEventListener("abort", () => console.log("told"));
  process.stdin.on("data", resolve);
});
console.log("ready");
interruptible(engine).then(stopIfInterrupted).catch(({ message }) => { console.log(message); process.exit(3); });
`;

/** A program whose engine is under way; each number is a wait in milliseconds before a signal. */
async function pressed(...waits: number[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ["--require", "./automation/typescript.cjs", "--eval", PROGRAM], {
    cwd: join(__dirname, "..", ".."),
  });
  let [stdout, stderr] = ["", ""];
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const press = async (): Promise<void> => {
    for (const wait of waits) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      child.kill("SIGINT");
    }
    setTimeout(() => child.stdin.write("end\n"), 200);
  };
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", (chunk: Buffer) => {
    if (stdout === "") void press();
    stdout += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}

describe("Ctrl-C", function () {
  this.timeout(60_000);

  it("reaches the engine once, however many pass it on, and nothing starts after it", async () => {
    const { code, stdout, stderr } = await pressed(0, 20, 20);
    assert.equal(stdout, "ready\ntold\nInterrupted.\n");
    assert.match(stderr, /what is under way ends first/);
    assert.equal(code, 3);
  });

  it("a second one reaches it as well, with a last word; a third doesn't wait", async () => {
    const second = await pressed(0, 500);
    assert.equal(second.stdout, "ready\ntold\ntold\nInterrupted.\n");
    assert.match(second.stderr, /Leaving at once/);
    assert.equal((await pressed(0, 500, 500)).code, 130);
  });
});
