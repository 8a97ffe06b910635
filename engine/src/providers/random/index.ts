import type { ProviderPackage, ResourceType } from "../contract.ts";
import { UnsupportedError } from "../contract.ts";
import { randomBytes, randomId } from "./bytes.ts";
import { randomInteger } from "./integer.ts";
import { randomPet } from "./pet.ts";
import { randomPassword, randomString } from "./text.ts";
import { randomUuid } from "./uuid.ts";

const types: ResourceType[] = [
  randomBytes,
  randomId,
  randomInteger,
  randomPassword,
  randomPet,
  randomString,
  randomUuid,
];

const secrets: Record<string, string[]> = {
  [randomBytes.type]: ["base64", "hex"],
  [randomPassword.type]: ["bcryptHash", "result"],
};

/** The random provider, after `@pulumi/random` 4.21.2. */
export const random: ProviderPackage = {
  name: "random",
  version: "4.21.2",
  resources: Object.fromEntries(types.map((type) => [type.type, type])),
  invokes: [],
  checkConfig: (config) => Promise.resolve({ inputs: config, failures: [] }),
  diffConfig: () => Promise.resolve({ diffs: [], replaces: [] }),
  configure: (_config, base) => Promise.resolve(base),
  invoke: (_ctx, token) => Promise.reject(new UnsupportedError(`invoke ${token}`)),
  secretOutputs: (type) => secrets[type] ?? [],
  close: () => Promise.resolve(),
};
