import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";

const head = `
const { catchInterrupts, interruptible, stopIfInterrupted } = require(${JSON.stringify(join(__dirname, "..", "..", "automation", "lib", "interrupt.ts"))});
catchInterrupts();
`;

const PROGRAM = `${head}
const engine = (signal) => new Promise((resolve) => {
  signal.addEventListener("abort", () => console.log("told"));
  process.stdin.on("data", resolve);
});
console.log("ready");
interruptible(engine).then(stopIfInterrupted).catch(({ message }) => { console.log(message); process.exit(3); });
`;

/** An engine that waits on a server until the third call that ends waits; that call takes a while. */
const WAITING = `${head}
let calls = 0;
let end;
const engine = () => new Promise((resolve) => { end = resolve; setInterval(() => undefined, 1000); });
const stopWaiting = async () => {
  console.log("call", ++calls);
  if (calls === 1) throw new Error("the server is restarting");
  if (calls < 3) return;
  end();
  await new Promise((resolve) => setTimeout(resolve, 200));
  console.log("answered");
};
console.log("ready");
interruptible(engine, stopWaiting, 50).then(() => {
  console.log("ended");
  setTimeout(() => process.exit(calls), 300);
});
`;

interface Pressed {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Each number is a wait in milliseconds before a signal. */
async function press(program: string, ...waits: number[]): Promise<Pressed> {
  const child = spawn(process.execPath, ["--require", "./automation/typescript.cjs", "--eval", program], {
    cwd: join(__dirname, "..", ".."),
  });
  let [stdout, stderr] = ["", ""];
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const signal = async (): Promise<void> => {
    for (const wait of waits) {
      await new Promise((resolve) => setTimeout(resolve, wait));
      child.kill("SIGINT");
    }
    setTimeout(() => child.stdin.write("end\n"), 200);
  };
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", (chunk: Buffer) => {
    if (stdout === "") void signal();
    stdout += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, stdout, stderr };
}

/** A program whose engine is under way. */
const pressed = (...waits: number[]): Promise<Pressed> => press(PROGRAM, ...waits);

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

  it("ends what the engine waits for, again until it has ended, and not after that", async () => {
    const { code, stdout } = await press(WAITING, 0);
    assert.equal(stdout, "ready\ncall 1\ncall 2\ncall 3\nanswered\nended\n");
    assert.equal(code, 3);
  });
});
