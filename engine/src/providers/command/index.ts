import type { ProviderPackage } from "../contract.ts";
import { localCommand } from "./local.ts";
import { remoteCommand } from "./remote.ts";

/** The library version that the official provider notes in the state of its instances. */
const MARK = { "__pulumi-go-provider-version": "v1.5.0" };

/** The command provider, after `@pulumi/command` 1.2.1. */
export const command: ProviderPackage = {
  name: "command",
  version: "1.2.1",
  resources: Object.fromEntries([localCommand, remoteCommand].map((type) => [type.type, type])),
  checkConfig: (config) => Promise.resolve({ inputs: { ...config, ...MARK }, failures: [] }),
  diffConfig: () => Promise.resolve({ diffs: [], replaces: [] }),
  configure: (_config, base) => Promise.resolve(base),
  secretOutputs: (type) => (type.startsWith("command:remote:") ? ["connection"] : []),
  close: () => Promise.resolve(),
};
