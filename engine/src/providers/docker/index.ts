import type { ProviderPackage } from "../contract.ts";
import { UNKNOWN } from "../contract.ts";
import { checkConfig, settingsOf } from "./config.ts";
import { container } from "./container.ts";
import type { DockerCtx } from "./context.ts";
import { Engine } from "./engine.ts";
import { network } from "./network.ts";
import { remoteImage } from "./remoteImage.ts";
import { volume } from "./volume.ts";

/** The docker provider, after `@pulumi/docker` 5.2.0. */
export const docker: ProviderPackage = {
  name: "docker",
  version: "5.2.0",
  resources: Object.fromEntries([container, network, remoteImage, volume].map((type) => [type.type, type])),
  checkConfig: (config) => Promise.resolve().then(() => checkConfig(config)),
  diffConfig(oldInputs, news) {
    const moved = ["host", "sshOpts", "registryAuth"].filter((name) => oldInputs[name] !== news[name]);
    return Promise.resolve({ diffs: moved, replaces: [] });
  },
  configure(config, base) {
    // In a preview the server's address may be the output of a resource that doesn't exist yet.
    const settings = Object.values(config).includes(UNKNOWN) ? undefined : settingsOf(config, base.root);
    const engine = new Engine(settings, base.signal);
    return Promise.resolve(Object.assign(Object.create(base) as DockerCtx, { engine }));
  },
  secretOutputs: () => [],
  close(ctx) {
    (ctx as DockerCtx).engine.close();
    return Promise.resolve();
  },
};
