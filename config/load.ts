import * as pulumi from "@pulumi/pulumi";
import { checkGenerated } from "./check/secrets.ts";
import { check, checkImages, unpinned } from "./check/index.ts";
import { BOX_IMAGE, LOCAL_REGISTRY, infrastructureOf, pin, pulledFrom, serverRegistry } from "./images.ts";
import { parse } from "./parse.ts";
import { ConfigError, type Problem } from "./problems.ts";
import type { StackConfig } from "./schema/index.ts";
import { Secrets } from "./secrets.ts";
import type { OptionalService, ServiceName } from "./services.ts";

/** Images by digest of the services that a stack runs, by service. */
export type ServiceImages = Record<Exclude<ServiceName, OptionalService>, string> &
  Partial<Record<OptionalService, string>>;

/** Everything that the program needs to know, checked. */
export interface Settings extends StackConfig {
  project: string;
  stack: string;
  secrets: Secrets;
  infrastructure: ServiceImages;
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
  const problems = [
    ...check(stack, config, secrets),
    ...checkImages(stack, config),
    ...checkGenerated(stack, config, (name) => store.has(name)),
  ];
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
  const images = infrastructureOf(config).map(({ service, setting, reference }) => [
    service,
    pulledFrom(lookUp(setting, reference), serverRegistry(config)),
  ]);
  return {
    infrastructure: Object.fromEntries(images) as ServiceImages,
    boxImage: config.server.address
      ? undefined
      : lookUp("server.box", BOX_IMAGE).replace(LOCAL_REGISTRY, config.server.box.registry),
  };
}
