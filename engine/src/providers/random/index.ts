import type { ProviderPackage, ResourceType } from "../contract.ts";
import { randomBytes } from "./bytes.ts";
import { randomPassword } from "./password.ts";
import { randomUuid } from "./uuid.ts";

const types: ResourceType[] = [randomBytes, randomPassword, randomUuid];

const secrets: Record<string, string[]> = {
  [randomBytes.type]: ["base64", "hex"],
  [randomPassword.type]: ["bcryptHash", "result"],
};

/** The random provider, after `@pulumi/random` 4.21.2. */
export const random: ProviderPackage = {
  name: "random",
  version: "4.21.2",
  resources: Object.fromEntries(types.map((type) => [type.type, type])),
  checkConfig: (config) => Promise.resolve({ inputs: config, failures: [] }),
  diffConfig: () => Promise.resolve({ diffs: [], replaces: [] }),
  configure: (_config, base) => Promise.resolve(base),
  secretOutputs: (type) => secrets[type] ?? [],
  close: () => Promise.resolve(),
};
