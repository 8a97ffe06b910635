import { claimedAt, type Tagged } from "./claims.ts";

/** What decides which builds of an application may go. */
export interface Builds {
  /** Every tag of its repository, by whomever. */
  tags: readonly Tagged[];
  /** This stack among all on the machine. */
  who: string;
  /** How many builds before the last one stay. */
  keep: number;
  /** Whether something of this checkout names a digest: a stack file, or what ran healthy last. */
  named: (digest: string) => boolean;
}

/**
 * The digests that only this stack has claimed, that came before its last ones, and that nothing names: oldest first. What
 * has any other tag stays, and what has none.
 */
export function oldBuilds({ tags, who, keep, named }: Builds): string[] {
  const mine = new Map<string, number>();
  const others = new Set<string>();
  for (const { tag, digest } of tags) {
    const time = claimedAt(tag, who);
    if (time === undefined) others.add(digest);
    else mine.set(digest, Math.max(time, mine.get(digest) ?? 0));
  }
  const inOrder = [...mine].sort(([, a], [, b]) => a - b).map(([digest]) => digest);
  return inOrder
    .slice(0, Math.max(0, inOrder.length - keep - 1))
    .filter((digest) => !others.has(digest) && !named(digest));
}
