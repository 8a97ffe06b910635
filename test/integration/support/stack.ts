import type { StackOutputs } from "../../../automation/outputs.ts";
import type { UpResult } from "../../../automation/up.ts";
import { publishImages } from "../../../automation/images/index.ts";
import { Client } from "./client.ts";
import { Project } from "./project.ts";
import { onBox } from "./server.ts";

/** One project for all files of the suite; the first file brings it up, the last takes it down. */
class World {
  readonly project = new Project();
  private outputs?: StackOutputs;
  private visitor?: Client;

  get staging(): StackOutputs {
    if (!this.outputs) throw new Error("staging is not up: the first test of this suite failed");
    return this.outputs;
  }

  get client(): Client {
    return (this.visitor ??= new Client(this.staging));
  }

  close(): void {
    this.visitor?.close();
    this.project.remove();
  }

  /** Brings a stack up and remembers staging's outputs. */
  async up(stack = "staging"): Promise<UpResult> {
    const ran = await this.project.run("up", "--stack", stack, "--json");
    if (ran.exitCode !== 0) throw new Error(`npm run up failed:\n${ran.stdout}\n${ran.stderr}`);
    const result = JSON.parse(ran.stdout) as UpResult;
    if (stack === "staging") {
      this.outputs = result.outputs;
      this.visitor?.close();
      this.visitor = undefined;
    }
    return result;
  }

  ssh(argv: string[], input?: string): ReturnType<typeof onBox> {
    return onBox(this.project.folder, this.staging.ssh, argv, input);
  }

  /** A variant of the sample backend in the registry; returns its reference by digest. */
  async variant(tag: string, fault = ""): Promise<string> {
    const published = await publishImages({
      names: [],
      variants: [{ name: "backend", tag, buildArgs: { VERSION: tag, FAULT: fault } }],
      onProgress: () => undefined,
      root: this.project.folder,
    });
    const [reference, digest] = Object.entries(published)[0]!;
    return `${reference.slice(0, reference.lastIndexOf(":"))}@${digest}`;
  }

  /** Changes the backend's image in a stack file. */
  useBackend(image: string, stack = "staging"): void {
    this.project.edit(stack, (document) =>
      document.setIn(["config", "fairlead:apps", "backend", "image"], image),
    );
  }

  /** A plain update, the way a person types it. */
  async pulumiUp(stack = "staging"): ReturnType<Project["pulumi"]> {
    return this.project.pulumi(["up", "--yes", "--skip-preview", "--stack", stack, "--non-interactive"]);
  }
}

export const world = new World();

/** Whatever happened, nothing stays behind on this machine. */
after("take everything down", async function () {
  this.timeout(300_000);
  for (const stack of ["prod", "staging"]) await world.project.run("down", "--stack", stack, "--yes");
  world.close();
});
