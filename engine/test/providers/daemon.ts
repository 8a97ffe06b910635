import Docker from "dockerode";
import { randomBytes } from "node:crypto";
import { pack } from "tar-stream";
import { Readable } from "node:stream";

/** What these tests leave on the engine carries this prefix, and a run's own suffix. */
export const PREFIX = `prov-${randomBytes(3).toString("hex")}`;
export const BASE = "base:bookworm";
const SSH_IMAGE = "prov-sshd:1";

export const daemon = new Docker({ socketPath: "/var/run/docker.sock" });

/** Skips the suite, with the reason in its report, where no engine or base image is there. */
export async function needsDocker(suite: Mocha.Context): Promise<void> {
  const reason = await daemon
    .getImage(BASE)
    .inspect()
    .then(
      () => undefined,
      (error: Error) =>
        `needs a Docker engine at /var/run/docker.sock with the image ${BASE}: ${error.message}`,
    );
  if (reason === undefined) return;
  const runnable = suite.currentTest ?? suite.test;
  if (runnable?.parent) runnable.parent.title += ` (skipped: ${reason})`;
  suite.skip();
}

const DOCKERFILE = `FROM ${BASE}
RUN apt-get update && apt-get install -y --no-install-recommends openssh-server docker.io \\
 && rm -rf /var/lib/apt/lists/* && mkdir -p /run/sshd
CMD ["/usr/sbin/sshd", "-D", "-e"]
`;

/** The image with sshd and a Docker client; built once. */
export async function sshImage(): Promise<string> {
  const there = await daemon
    .getImage(SSH_IMAGE)
    .inspect()
    .catch(() => undefined);
  if (there) return SSH_IMAGE;
  const context = pack();
  context.entry({ name: "Dockerfile" }, DOCKERFILE);
  context.finalize();
  const progress = await daemon.buildImage(Readable.from(context), { t: SSH_IMAGE });
  await new Promise<void>((resolve, reject) =>
    daemon.modem.followProgress(progress, (error: Error | null) => (error ? reject(error) : resolve())),
  );
  return SSH_IMAGE;
}

/** Removes what a failed test may have left. */
export async function sweep(): Promise<void> {
  const filters = { name: [PREFIX] };
  for (const found of await daemon.listContainers({ all: true, filters }))
    await daemon.getContainer(found.Id).remove({ force: true, v: true });
  for (const found of await daemon.listNetworks({ filters })) await daemon.getNetwork(found.Id).remove();
  for (const found of (await daemon.listVolumes({ filters })).Volumes ?? [])
    await daemon.getVolume(found.Name).remove();
}
