import type { UpResult } from "../automation/verbs/up.ts";
import { Project } from "../test/integration/support/project.ts";
import { seconds } from "./pairs.ts";

/** The stack that is brought up. */
export const STACK = "staging";

/** One `npm run up`. */
export interface Timed {
  seconds: number;
  result: UpResult;
}

/**
 * The project in a folder of its own, with free ports, so that the bench changes nothing in the checkout and disturbs
 * no stack that runs. It comes up when the first measurement needs it.
 */
export class BenchStack {
  readonly project = new Project();
  private coming?: Promise<Timed>;

  constructor(private readonly say: (line: string) => void) {}

  /** The first `npm run up`; the same one for everybody who asks. */
  first(): Promise<Timed> {
    return (this.coming ??= this.project.freePorts(STACK).then(() => this.up("first npm run up")));
  }

  /** Another `npm run up` of the stack as it is. */
  async again(): Promise<Timed> {
    await this.first();
    return this.up("second npm run up");
  }

  private async up(title: string): Promise<Timed> {
    this.say(title);
    let printed = "";
    const taken = await seconds(async () => {
      const ran = await this.project.exec("npm", [
        "run",
        "--silent",
        "up",
        "--",
        "--stack",
        STACK,
        "--watch",
        "0",
        "--json",
      ]);
      if (ran.exitCode !== 0) throw new Error(`${title} failed:\n${ran.stdout}\n${ran.stderr}`);
      printed = ran.stdout;
    });
    return { seconds: taken, result: JSON.parse(printed) as UpResult };
  }

  /** Takes everything away, also after an `up` that failed half-way. */
  async down(): Promise<void> {
    if (this.coming) {
      this.say("npm run down");
      await this.coming.catch(() => undefined);
      const ran = await this.project.run("down", "--stack", STACK, "--yes");
      // The folder holds the state: without it the stack can't be taken down.
      if (ran.exitCode !== 0) {
        const { folder } = this.project;
        throw new Error(
          `npm run down failed; the stack's folder is kept: ${folder}\n${ran.stdout}\n${ran.stderr}`,
        );
      }
    }
    this.project.remove();
  }
}
