import type { z } from "zod";
import { builtReference } from "../../built.ts";
import type { Build } from "./build.ts";

interface Source {
  image?: string;
  build?: Build;
}

/** An application says where its image comes from. */
export function hasSource({ value: { image, build }, issues }: z.core.ParsePayload<Source>): void {
  if (image !== undefined || build !== undefined) return;
  const message = "an image such as ghcr.io/me/backend:1.4.2, or build with the folder of a Dockerfile";
  issues.push({ code: "custom", path: ["image"], message, input: undefined });
}

/** An application with its image: one that is built here has one, too. */
export type WithImage<App extends Source> = Omit<App, "image"> & { image: string };

/** Fills in the image of applications that are built here and name no repository: the registry of this machine has it. */
export function withImages<App extends Source>(
  apps: Readonly<Record<string, App>>,
): Record<string, WithImage<App>> {
  return Object.fromEntries(
    Object.entries(apps).map(([name, one]) => [name, { ...one, image: one.image ?? builtReference(name) }]),
  );
}
