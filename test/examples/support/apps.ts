import { execa } from "execa";
import { join, resolve } from "node:path";

/** The folder of the sample applications. */
export const APPS = resolve(__dirname, "../../../examples/apps");

export type AppName = "backend" | "frontend";

const built = new Map<AppName, Promise<string>>();

/** Builds an application once, with its own build script, and returns the path of its server. */
export function build(app: AppName): Promise<string> {
  const cwd = join(APPS, app);
  const path =
    built.get(app) ??
    execa(process.execPath, ["build.mjs"], { cwd }).then(() => join(cwd, "dist/server.mjs"));
  built.set(app, path);
  return path;
}
