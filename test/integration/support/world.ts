import type { StackOutputs } from "../../../automation/lib/outputs.ts";
import { probe } from "../../../automation/lib/probe.ts";
import type { UpResult } from "../../../automation/verbs/up.ts";
import type { Document } from "yaml";
import { Client } from "./client.ts";
import { Project } from "./project.ts";
import { onBox, removeBoxAt } from "./server.ts";

/** Worlds that exist in this process, newest last: a root hook takes them down. */
const worlds: World[] = [];

/**
 * A stack on a box of its own, shared by the files of a run: the first that asks for it brings it up, the end of the run
 * takes it down. A file that comes after one that changed or broke it asks too, and has it as declared again.
 */
export class World {
  private folder?: Project;
  private outputs?: StackOutputs;
  private visitor?: Client;
  /** The stack file that {@link ready} comes back to, and the one of the last `npm run up`, which made the outputs. */
  private base?: string;
  private seen?: string;
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
   * The stack up and as its base declares it; does nothing when it is so already. For the `before` of every file, and
   * after every test that changes what others need.
   * @throws Error when it can't even be made anew
   */
  async ready(): Promise<void> {
    if (!this.outputs) return this.first();
    const same = this.file === this.base;
    if (same && !this.suspect && (await this.serves())) return;
    if (!same) this.file = this.base ?? this.file;
    // A plain update is quicker; it changes neither outputs nor what drifted.
    if (!this.suspect && !same && this.seen === this.base && (await this.pulumiUp()).exitCode === 0) return;
    await this.up().catch((error: Error) => this.anew(error));
    this.keep();
  }

  private async first(): Promise<void> {
    await this.project.freePorts(this.stack);
    await this.prepare();
    await this.up();
    this.keep();
  }

  /** What a world's stack file needs in addition to free ports, before the stack first comes up. */
  protected async prepare(): Promise<void> {}

  private async serves(): Promise<boolean> {
    return (await probe(this.out)).every(({ ok }) => ok);
  }

  /** A stack that no update brings back goes, its box by force, and comes again. */
  private async anew({ message }: Error): Promise<void> {
    console.log(`      ${this.stack} is made anew: ${message}`);
    const down = (): ReturnType<Project["run"]> => this.project.run("down", "--stack", this.stack, "--yes");
    if ((await down()).exitCode !== 0) {
      await removeBoxAt(this.project.ports(this.stack).https);
      await down();
    }
    await this.up();
  }

  /** From now on {@link ready} comes back to what the stack file says at this moment. */
  keep(): void {
    this.base = this.file;
    this.suspect = false;
  }

  /** After a failed test: what it left behind is not trusted, but put in order; nothing that isn't up comes up for that. */
  async recover(): Promise<void> {
    if (!this.outputs) return;
    this.doubt();
    await this.ready();
  }

  /** What is on the server may not be what was declared: the next {@link ready} looks, and repairs it. */
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
      this.seen = this.file;
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
    this.folder = this.outputs = this.visitor = this.base = undefined;
  }
}

/** Takes every other world of this run down, for a test of what the last one takes along. */
export async function closeOthers(world: World): Promise<void> {
  for (const other of worlds) if (other !== world) await other.close();
}

/** Only the test that fails reports a failure: later ones find the stacks as they are declared. */
afterEach("in order again", async function () {
  if (this.currentTest?.state !== "failed") return;
  this.timeout(900_000);
  for (const world of worlds)
    await world.recover().catch((error: Error) => console.log(`      ${world.stack}: ${error.message}`));
});

/** Whatever happened, nothing stays behind on this machine. */
after("take everything down", async function () {
  this.timeout(300_000 * Math.max(1, worlds.length));
  for (const world of worlds) await world.close();
});
