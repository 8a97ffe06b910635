import type { StackOutputs } from "../../automation/lib/outputs.ts";

/** The outputs of a stack with two applications. */
export const OUTPUTS: StackOutputs = {
  url: "https://maicivy.test:8443/",
  address: "127.0.0.1",
  images: "debian",
  certificate: "-----BEGIN CERTIFICATE-----\n",
  ssh: "ssh -p 2222 -i .fairlead/staging/ssh/identity -o UserKnownHostsFile=.fairlead/staging/ssh/known_hosts root@127.0.0.1",
  connection: {
    host: "127.0.0.1",
    port: 2222,
    user: "root",
    identity: ".fairlead/staging/ssh/identity",
    knownHosts: ".fairlead/staging/ssh/known_hosts",
    tool: "/usr/local/bin/fairlead",
  },
  health: { api: "/health/deep", web: "/" },
  releases: {
    api: [{ release: "api-0123456789", image: "ghcr.io/me/api@sha256:aa", weight: 100 }],
    web: [{ release: "web-0123456789", image: "ghcr.io/me/web@sha256:bb", weight: 100 }],
  },
};
