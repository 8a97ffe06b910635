import { digestOf, isOurs, pin } from "../../config/images.ts";
import { isBuilt } from "../../config/built.ts";
import type { StackConfig } from "../../config/schema/index.ts";
import { engine } from "../images/engine.ts";
import { runningRegistry } from "../images/registry.ts";
import { ROOT } from "../lib/workspace.ts";
import { claim, claimant } from "./claims.ts";
import { repositoryOf } from "./local.ts";

/**
 * Claims every build of this machine that a stack declares, also one that another stack built and this one got by `promote` or
 * by hand: from then on no other stack's old builds take it along.
 */
export async function claimBuilt(stack: string, { apps, releases, digests }: StackConfig): Promise<void> {
  const declared = Object.entries(apps).flatMap(([app, { image }]) => [
    ...(releases[app]?.map((one) => one.image) ?? []),
    pin(image, digests),
  ]);
  const built = declared.filter((image) => image !== undefined && isOurs(image) && isBuilt(image));
  if (built.length === 0) return;
  const port = await runningRegistry(engine());
  if (port === undefined) return;
  for (const image of new Set(built))
    await claim(repositoryOf(image!, port), digestOf(image!)!, claimant(ROOT, stack));
}
