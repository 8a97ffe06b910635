import * as pulumi from "@pulumi/pulumi";
import { check, checkImages, unpinned } from "./check.ts";
import { BOX_IMAGE, LOCAL_REGISTRY, infrastructureImage, pin, pulledFrom } from "./images.ts";
import { parse } from "./parse.ts";
import { ConfigError, type Problem } from "./problems.ts";
import { infrastructure, type Infrastructure } from "./schema/images.ts";
import type { StackConfig } from "./schema/index.ts";
import { Secrets } from "./secrets.ts";

/** Everything that the program needs to know, checked. */
export interface Settings extends StackConfig {
  project: string;
  stack: string;
  secrets: Secrets;
  /** Infrastructure images by digest; only those that the stack runs. */
  infrastructure: Record<Infrastructure, string>;
  /** Image of the box by digest; absent for a stack with an address. */
  boxImage?: string;
}

/**
 * Reads and checks the stack's configuration. The only reader of Pulumi's config.
 * @throws ConfigError naming every problem, before any resource is declared.
 */
export function load(): Settings {
  const [project, stack] = [pulumi.getProject(), pulumi.getStack()];
  const { config, secrets } = parse(project, stack, pulumi.runtime.allConfig());
  const store = new Secrets(`${project}/${stack}`, secrets);
  const problems = [...check(stack, config, secrets), ...checkImages(stack, config)];
  const images = resolve(stack, config, problems);
  if (problems.length > 0) throw new ConfigError(stack, problems);
  return { ...config, project, stack, secrets: store, ...images };
}

function resolve(
  stack: string,
  config: StackConfig,
  problems: Problem[],
): Pick<Settings, "infrastructure" | "boxImage"> {
  const lookUp = (path: string, reference: string): string => {
    const pinned = pin(reference, config.digests);
    if (!pinned) problems.push(unpinned(stack, path, reference));
    return pinned ?? reference;
  };
  const used = infrastructure.filter((name) => needed(name, config));
  const images = used.map((name) => {
    const reference = infrastructureImage(config.images, name, config.versions[name]);
    return [name, pulledFrom(lookUp(`versions.${name}`, reference), config.server.registry)];
  });
  return {
    infrastructure: Object.fromEntries(images) as Record<Infrastructure, string>,
    boxImage: config.server.address
      ? undefined
      : lookUp("server.box", BOX_IMAGE).replace(LOCAL_REGISTRY, config.server.box.registry),
  };
}

/** Whether a stack runs that infrastructure at all. */
export function needed(name: Infrastructure, config: StackConfig): boolean {
  if (name === "postgres") return config.database.enabled;
  if (name === "redis") return config.cache.enabled;
  return true;
}
