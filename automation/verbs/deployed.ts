import type { Layers } from "../build/layers.ts";

/** What a deploy did. */
export interface DeployResult {
  stack: string;
  app: string;
  /** Image by digest. */
  image: string;
  /** Its release; absent when it served already. */
  release?: string;
  seconds: number;
  /** How long each part of it took; those that there were. */
  parts: Parts;
  /** Of an image that was built here. */
  layers?: Layers;
}

/** Seconds: `docker build`, the way to the registry, the update until the old release is gone, the watch after it. */
export type Parts = Partial<Record<"build" | "send" | "release" | "watch", number>>;

/** What a person reads in the end. */
export function deployed({ stack, app, image, release, seconds, parts, layers }: DeployResult): string {
  if (release === undefined) return `Nothing changed: ${app} on ${stack} serves ${image} already.`;
  const told = made({ parts, layers });
  if (parts.release !== undefined) told.push(`released in ${short(parts.release)}`);
  if (parts.watch !== undefined) told.push(`watched for ${short(parts.watch)}`);
  const words = told.length > 0 ? `: ${told.join(", ")}` : "";
  return `${app} on ${stack} serves ${release} (${image}), after ${seconds.toFixed(0)} s${words}.`;
}

/** How an image came to its registry: `built in 1.2 s`, `sent in 0.3 s (1 of 4 layers)`; nothing of one from elsewhere. */
export function made({ parts = {}, layers }: { parts?: Parts; layers?: Layers }): string[] {
  const { build, send } = parts;
  if (build === undefined || send === undefined || layers === undefined) return [];
  const { all, sent } = layers;
  return [`built in ${short(build)}`, `sent in ${short(send)} (${sent} of ${all} layers)`];
}

const short = (seconds: number): string => `${seconds.toFixed(1)} s`;
