import type { StackOutputs } from "../../../automation/outputs.ts";
import type { UpResult } from "../../../automation/up.ts";
import type { Document } from "yaml";
import { Client } from "./client.ts";
import { Project } from "./project.ts";
import { onBox } from "./server.ts";

/** Worlds that exist in this process, newest last: a root hook takes them down. */
const worlds: World[] = [];

/**
 * A stack on a box of its own, shared by the files of a run: the first that asks for it brings it up, the end of the run
 * takes it down. Whoever comes after a file that changed or broke it asks too, and has it as declared again.
 */
export class World {
  private folder?: Project;
  private outputs?: StackOutputs;
  private visitor?: Client;
  /** The stack file that {@link ready} comes back to. */
  private base?: string;
  /** Whether something failed since the stack was last seen as declared. */
  private suspect = false;

  /**
   * @param stack the stack that this world is about
   * @param make its project, made when it is first needed
   */
  constructor(
    readonly stack: string,
    private readonly make: () => Project,
  ) {
    worlds.push(this);
  }

  get project(): Project {
    return (this.folder ??= this.make());
  }

  /** What the stack says about itself. */
  get out(): StackOutputs {
    if (!this.outputs) throw new Error(`${this.stack} is not up: call ready() first, or it failed`);
    return this.outputs;
  }

  get client(): Client {
    return (this.visitor ??= new Client(this.out));
  }

  /**
   * The stack up and as its base declares it; does nothing when it is so already. For the `before` of every file.
   * @throws Error with what `npm run up` printed
   */
  async ready(): Promise<void> {
    if (!this.outputs) {
      await this.project.freePorts(this.stack);
      await this.prepare();
    } else if (!this.suspect && this.file === this.base) return;
    else this.file = this.base ?? this.file;
    await this.up();
    this.keep();
  }

  /** What a world's stack file needs beside free ports, before the stack first comes up. */
  protected async prepare(): Promise<void> {}

  /** From now on {@link ready} comes back to what the stack file says at this moment. */
  keep(): void {
    this.base = this.file;
    this.suspect = false;
  }

  /** Whatever a failed test left behind is not trusted. */
  doubt(): void {
    this.suspect = true;
  }

  get file(): string {
    return this.project.read(`Pulumi.${this.stack}.yaml`);
  }

  set file(text: string) {
    this.project.write(`Pulumi.${this.stack}.yaml`, text);
  }

  /** Brings a stack up with `npm run up`; this world's own outputs are remembered. */
  async up(stack = this.stack): Promise<UpResult> {
    const ran = await this.project.run("up", "--stack", stack, "--watch", "0", "--json");
    if (ran.exitCode !== 0) throw new Error(`npm run up failed:\n${ran.stdout}\n${ran.stderr}`);
    const result = JSON.parse(ran.stdout) as UpResult;
    if (stack === this.stack) {
      this.outputs = result.outputs;
      this.visitor?.close();
      this.visitor = undefined;
    }
    return result;
  }

  /** A plain update, the way a person types it; says itself whether it went well. */
  async pulumiUp(stack = this.stack): ReturnType<Project["pulumi"]> {
    return this.project.pulumi(["up", "--yes", "--skip-preview", "--stack", stack, "--non-interactive"]);
  }

  /**
   * Changes the stack file and updates the stack.
   * @throws Error with what the update printed, when it fails
   */
  async declare(change: (document: Document) => void): Promise<void> {
    this.project.edit(this.stack, change);
    const { exitCode, stdout, stderr } = await this.pulumiUp();
    if (exitCode !== 0) throw new Error(`pulumi up ended with ${exitCode}:\n${stdout}\n${stderr}`);
  }

  /** A program on the box, over the very SSH command that the stack prints. */
  ssh(argv: string[], input?: string): ReturnType<typeof onBox> {
    return onBox(this.project.folder, this.out.ssh, argv, input);
  }

  /** Takes the stacks down that this world may have brought up, and its folder away. */
  async close(): Promise<void> {
    if (!this.folder) return;
    this.visitor?.close();
    for (const stack of this.folder.stacks()) await this.folder.run("down", "--stack", stack, "--yes");
    this.folder.remove();
  }
}

/** A test that failed may have left any world in any state. */
afterEach(function () {
  if (this.currentTest?.state === "failed") for (const world of worlds) world.doubt();
});

/** Whatever happened, nothing stays behind on this machine. */
after("take everything down", async function () {
  this.timeout(300_000 * Math.max(1, worlds.length));
  for (const world of worlds) await world.close();
});
