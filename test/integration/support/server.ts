import Docker, { type ContainerInspectInfo } from "dockerode";
import { execa } from "execa";
import { found } from "../../../automation/images/engine.ts";
import { ownerOf, PLACE } from "../../../automation/images/registry.ts";

const engine = new Docker();

/** Runs a program on a box over the very SSH command that the stack prints; words are quoted for the remote shell. */
export async function onBox(
  folder: string,
  ssh: string,
  argv: string[],
  input?: string,
): Promise<{ exitCode?: number; stdout: string; stderr: string }> {
  const [file, ...args] = ssh.split(" ");
  const quoted = argv.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const { exitCode, stdout, stderr } = await execa(file!, [...args, quoted], {
    cwd: folder,
    reject: false,
    input,
    timeout: 120_000,
  });
  return { exitCode, stdout, stderr };
}

/**
 * The box that publishes a port of this machine's loopback.
 * @throws Error when there is none
 */
export async function boxAt(port: string | number): Promise<ContainerInspectInfo> {
  const filters = { name: ["^box-"], publish: [String(port)] };
  const [found] = await engine.listContainers({ all: true, filters });
  if (!found) throw new Error(`no box publishes ${port}`);
  return engine.getContainer(found.Id).inspect();
}

/**
 * The checkout for which this machine's registry was made, while that one has stacks; `undefined` when there is none, or
 * nobody is known to need it.
 */
export async function registryOwner(): Promise<string | undefined> {
  const present = await found(engine.getContainer(PLACE.registry).inspect());
  return ownerOf(present);
}

/** Removes the box that publishes a port of this machine's loopback, if there is one; its volumes stay. */
export async function removeBoxAt(port: string | number): Promise<void> {
  const filters = { name: ["^box-"], publish: [String(port)] };
  for (const { Id } of await engine.listContainers({ all: true, filters }))
    await engine.getContainer(Id).remove({ force: true });
}

/** A container by its name, without the slash that the engine puts before it. */
export function nameOf({ Name }: ContainerInspectInfo): string {
  return Name.replace(/^\//, "");
}

/** Names of all containers, volumes and networks of this machine's engine. */
export async function existing(): Promise<string[]> {
  const [containers, { Volumes }, networks] = await Promise.all([
    engine.listContainers({ all: true }),
    engine.listVolumes(),
    engine.listNetworks(),
  ]);
  return [
    ...containers.flatMap(({ Names }) => Names.map((name) => name.slice(1))),
    ...[...Volumes, ...networks].map(({ Name }) => Name),
  ];
}
