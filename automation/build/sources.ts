import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Problem } from "../../config/problems.ts";
import type { Build } from "../../config/schema/app/build.ts";
import { ROOT } from "../lib/workspace.ts";

/** Where a build's sources are, absolute. */
export function placesOf(
  { context, dockerfile }: Build,
  root = ROOT,
): { context: string; dockerfile: string } {
  const folder = resolve(root, context);
  return { context: folder, dockerfile: resolve(folder, dockerfile) };
}

/** What a build lacks on this machine, before anything begins. */
export function missingSources(app: string, build: Build, root = ROOT): Problem[] {
  const path = `apps.${app}.build`;
  const { context, dockerfile } = placesOf(build, root);
  const found = statSync(context, { throwIfNoEntry: false });
  if (!found?.isDirectory())
    return [
      {
        path,
        message: `there is no folder ${build.context} in ${root}${found ? ", only a file of that name" : ""}`,
        remedy: "Correct the path in the stack file; it starts at the project's folder.",
      },
    ];
  if (existsSync(dockerfile)) return [];
  return [
    {
      path,
      message: `there is no ${build.dockerfile} in ${build.context}`,
      remedy: "Write that Dockerfile, or name another with build.dockerfile.",
    },
  ];
}
