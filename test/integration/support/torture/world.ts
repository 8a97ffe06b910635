import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Document } from "yaml";
import { imageFrom } from "../../../support/image.ts";
import { Project } from "../project.ts";
import { World } from "../world.ts";

const APPS = ["config", "fairlead:apps"];

/**
 * The torture application (see `app/server.mjs` for what it does on request) behind switch and edge, on a box of its own:
 *
 * ```ts
 * before("the torture application", () => torture.ready());
 * await torture.release({ VERSION: "second", START_DELAY: "5" });
 * await torture.declare((file) => file.setIn([...torture.app(), "drain"], "5 s"));
 * ```
 */
class Torture extends World {
  private built?: Promise<string>;

  /** The application's image, by digest; the registry has it then. */
  image(): Promise<string> {
    return (this.built ??= imageFrom("test/torture", join(__dirname, "app")));
  }

  /** Where an application stands in the stack file. */
  app(name = "torture"): string[] {
    return [...APPS, name];
  }

  /** Another environment for an application, which is another release: what isn't named goes back to the image's. */
  async release(environment: Record<string, string>, name?: string): Promise<void> {
    await this.declare((document) => document.setIn([...this.app(name), "environment"], environment));
  }

  /** Adds an application that runs the same image to a stack file; its routes are its own. */
  add(document: Document, name: string, settings: Record<string, unknown>): void {
    const image: unknown = document.getIn([...this.app(), "image"]);
    document.setIn(this.app(name), document.createNode({ image, port: 8080, ...settings }));
  }

  protected override async prepare(): Promise<void> {
    const image = await this.image();
    this.project.edit(this.stack, (document) => document.setIn([...this.app(), "image"], image));
  }
}

const file = join(__dirname, "Pulumi.torture.yaml");

export const torture = new Torture("torture", () => new Project({ torture: readFileSync(file, "utf8") }));
