import type { StackOutputs } from "../../automation/lib/outputs.ts";

/** What a stack with two applications tells about itself. */
export const OUTPUTS: StackOutputs = {
  url: "https://maicivy.test:8443/",
  address: "127.0.0.1",
  images: "debian",
  certificate: "-----BEGIN CERTIFICATE-----\n",
  ssh: "ssh -p 2222 root@127.0.0.1",
  health: { api: "/health/deep", web: "/" },
  releases: {
    api: [{ release: "api-0123456789", image: "ghcr.io/me/api@sha256:aa", weight: 100 }],
    web: [{ release: "web-0123456789", image: "ghcr.io/me/web@sha256:bb", weight: 100 }],
  },
};
