import type { StackConfig } from "../../config/schema/index.ts";

/** Applications that are built here and were not yet: `npm run deploy` builds them again, nothing else does. */
export function unbuilt({ apps, releases, digests }: StackConfig): string[] {
  return Object.entries(apps).flatMap(([name, { build, image }]) =>
    build && !releases[name] && !digests[image] ? [name] : [],
  );
}
