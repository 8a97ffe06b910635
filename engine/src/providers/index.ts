import type { ProviderPackage } from "./contract.ts";
import { command } from "./command/index.ts";
import { docker } from "./docker/index.ts";
import { random } from "./random/index.ts";

/** The providers of this engine. Any other one is refused by name. */
export const packages: readonly ProviderPackage[] = [command, docker, random];
