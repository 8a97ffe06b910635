import Docker from "dockerode";
import { randomBytes } from "node:crypto";
import { pack } from "tar-stream";
import { Readable } from "node:stream";

/** What these tests leave on the engine carries this prefix, and a run's own suffix. */
export const PREFIX = `prov-${randomBytes(3).toString("hex")}`;
/** A Debian system under a name of our own. */
export const BASE = "prov-base:1";
/** Where it comes from: the first of these that the engine has, or else can pull. */
const SOURCES = ["localhost/fairlead/bookworm:base", "debian:bookworm-slim"];

export const daemon = new Docker({ socketPath: "/var/run/docker.sock" });

async function finished(progress: NodeJS.ReadableStream): Promise<void> {
  await new Promise<void>((resolve, reject) =>
    daemon.modem.followProgress(progress, (error: Error | null) => (error ? reject(error) : resolve())),
  );
}

async function base(): Promise<void> {
  const has = (tag: string): Promise<boolean> =>
    daemon
      .getImage(tag)
      .inspect()
      .then(
        () => true,
        () => false,
      );
  await daemon.ping();
  if (await has(BASE)) return;
  for (const source of SOURCES)
    if (await has(source)) return void (await daemon.getImage(source).tag({ repo: "prov-base", tag: "1" }));
  await finished(await daemon.pull(SOURCES.at(-1)!));
  await daemon.getImage(SOURCES.at(-1)!).tag({ repo: "prov-base", tag: "1" });
}

/** Skips the suite, saying why, where no engine is there or no Debian system can be had. */
export async function needsDocker(suite: Mocha.Context): Promise<void> {
  try {
    await base();
  } catch (error) {
    const wanted = `a Docker engine at /var/run/docker.sock with one of the images ${SOURCES.join(", ")}`;
    console.warn(`      skipped: needs ${wanted}: ${(error as Error).message}`);
    suite.skip();
  }
}

const install = (packages: string, then: string): string =>
  `FROM ${BASE}\nRUN apt-get update && apt-get install -y --no-install-recommends ${packages} && ${then}\n`;

/** An image of our own, built once and kept. */
async function built(tag: string, dockerfile: string): Promise<string> {
  const there = await daemon
    .getImage(tag)
    .inspect()
    .catch(() => undefined);
  if (there) return tag;
  const context = pack();
  context.entry({ name: "Dockerfile" }, dockerfile);
  context.finalize();
  await finished(await daemon.buildImage(Readable.from(context), { t: tag }));
  return tag;
}

/** sshd and a Docker client. */
export const sshImage = (): Promise<string> =>
  built(
    "prov-sshd:1",
    `${install("openssh-server docker.io", "mkdir -p /run/sshd")}CMD ["/usr/sbin/sshd", "-D", "-e"]\n`,
  );

/** Who may pull from a registry that asks for a login. */
export const REGISTRY_LOGIN = { username: "you", password: "opensesame" };

/** The same as a line of an htpasswd file (bcrypt, cost 4). */
const HTPASSWD = "you:$2b$04$MtM7cx6keBJ/BVAJ0y8MFulqvSznQ56RHnUYdFxAg56cJSGWqhNSK\n";

/**
 * Starts an image registry.
 * @param asks for {@link REGISTRY_LOGIN}
 * @returns its address, `127.0.0.1:port`
 */
export async function startRegistry(asks: "nothing" | "login" = "nothing"): Promise<string> {
  const command = 'CMD ["docker-registry", "serve", "/etc/docker/registry/config.yml"]\n';
  const container = await daemon.createContainer({
    name: `${PREFIX}-registry`,
    Image: await built("prov-registry:1", install("docker-registry", "true") + command),
    ExposedPorts: { "5000/tcp": {} },
    HostConfig: { PortBindings: { "5000/tcp": [{ HostIp: "127.0.0.1", HostPort: "" }] } },
  });
  const files = pack();
  // In place of Debian's own configuration, which asks for a login of nobody.
  const auth = ["auth:", "  htpasswd:", "    realm: private", "    path: /etc/docker/registry/htpasswd"];
  const config = [
    "version: 0.1",
    "storage:",
    "  filesystem:",
    "    rootdirectory: /var/lib/docker-registry",
    "http:",
    '  addr: ":5000"',
    ...(asks === "login" ? auth : []),
    "",
  ];
  files.entry({ name: "etc/docker/registry/htpasswd" }, HTPASSWD);
  files.entry({ name: "etc/docker/registry/config.yml" }, config.join("\n"));
  files.finalize();
  await container.putArchive(Readable.from(files), { path: "/" });
  await container.start();
  const { NetworkSettings: network } = await container.inspect();
  const address = `127.0.0.1:${network.Ports["5000/tcp"]?.[0]?.HostPort}`;
  for (let tries = 0; ; tries++) {
    const answer = await fetch(`http://${address}/v2/`).catch(() => undefined);
    if (answer?.ok || (asks === "login" && answer?.status === 401)) return address;
    if (tries > 50) throw new Error(`the registry at ${address} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
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
