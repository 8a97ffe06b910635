import type { ProviderPackage } from "../providers/contract.ts";

/** The provider of `StackReference`, which the engine answers itself. */
export const builtin: ProviderPackage = {
  name: "pulumi",
  version: "",
  resources: {},
  invokes: [],
  checkConfig: (inputs) => Promise.resolve({ inputs, failures: [] }),
  diffConfig: () => Promise.resolve({ diffs: [], replaces: [] }),
  configure: (_config, base) => Promise.resolve(base),
  invoke: (_ctx, token) => Promise.reject(new Error(`${token}: no such function`)),
  secretOutputs: () => [],
  close: () => Promise.resolve(),
};
