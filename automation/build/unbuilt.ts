import type { StackConfig } from "../../config/schema/index.ts";
import type { Edit } from "../lib/stack-file-edit.ts";

/** Applications that are built here and were not yet: `npm run deploy` builds them again, nothing else does. */
export function unbuilt({ apps, releases, digests }: StackConfig): string[] {
  return Object.entries(apps).flatMap(([name, { build, image }]) =>
    build && !releases[name] && !digests[image] ? [name] : [],
  );
}

/**
 * Takes the digests of what was built here out of the stack file, so that the next `npm run up` builds it again: after a
 * first update that failed. `npm run deploy` can't, as long as the stack isn't up.
 */
export function forgetBuilds({ apps, releases }: Pick<StackConfig, "apps" | "releases">): Edit[] {
  return Object.entries(apps).flatMap(([name, { build, image }]): Edit[] =>
    build && !releases[name] ? [[["digests", image], undefined]] : [],
  );
}
