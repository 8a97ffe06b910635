import type { BuiltName } from "./names.ts";

/** Marks everything on this machine's engine that was made here, so that it can be found and removed. */
export const MANAGED = "io.fairlead.managed";

/** Carries what an image or the registry was made from. */
export const CONTENT = "io.fairlead.content";

/** Carries the folder of the checkout that made the registry. */
export const CHECKOUT = "io.fairlead.checkout";

/** Carries the name of an image. */
export const IMAGE = "io.fairlead.image";

/** Labels of an image that is built here. */
export function labelsOf(name: BuiltName, hash: string): Record<string, string> {
  return { [MANAGED]: "true", [IMAGE]: name, [CONTENT]: hash };
}
