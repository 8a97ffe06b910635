import type { StackOutputs } from "../../../automation/lib/outputs.ts";
import type { UpResult } from "../../../automation/verbs/up.ts";
import { publishImages } from "../../../automation/images/index.ts";
import { Project } from "./project.ts";
import { World } from "./world.ts";

/** The sample applications, as staging, and as prod too when a file brings it up. */
class Samples extends World {
  get staging(): StackOutputs {
    return this.out;
  }

  private second?: Promise<UpResult>;

  /** Prod on a second box, brought up by the first that asks. */
  prod(): Promise<UpResult> {
    return (this.second ??= this.bringUpProd());
  }

  private async bringUpProd(): Promise<UpResult> {
    try {
      await this.project.freePorts("prod");
      return await this.up("prod");
    } catch (error) {
      this.second = undefined;
      throw error;
    }
  }

  override async close(): Promise<void> {
    await super.close();
    this.second = undefined;
  }

  /** Makes sure that the database holds something to find again: an item named anchor. */
  async anchor(): Promise<void> {
    if (/"anchor"/.test((await this.client.ask("/api/items")).body)) return;
    const headers = { "content-type": "application/json" };
    const made = await this.client.ask("/api/items", { method: "POST", headers, body: '{"name":"anchor"}' });
    if (made.status >= 300) throw new Error(`POST /api/items: ${made.status} ${made.body}`);
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
  useBackend(image: string, stack = this.stack): void {
    this.project.edit(stack, (document) =>
      document.setIn(["config", "fairlead:apps", "backend", "image"], image),
    );
  }
}

export const world = new Samples("staging", () => new Project());
