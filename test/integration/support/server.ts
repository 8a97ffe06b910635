import { execa } from "execa";

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

/** Containers and volumes of the box that publishes a port of this machine, by name. */
export async function ownedBy(port: string): Promise<string[]> {
  const format = "{{.Name}} {{json .NetworkSettings.Ports}}{{range .Mounts}} {{.Name}}{{end}}";
  const ids = await lines(["ps", "--all", "--quiet", "--filter", "name=^box-"]);
  const found = ids.length > 0 ? await lines(["inspect", "--format", format, ...ids]) : [];
  const box = found.find((line) => line.includes(`"HostPort":"${port}"`));
  const [name, , ...volumes] = box?.split(" ") ?? [];
  return box ? [name!.replace(/^\//, ""), ...volumes.filter(Boolean)] : [];
}

/** Names of all containers, volumes and networks of this machine's engine. */
export async function existing(): Promise<string[]> {
  const lists = [
    ["ps", "--all", "--format", "{{.Names}}"],
    ["volume", "ls", "--format", "{{.Name}}"],
    ["network", "ls", "--format", "{{.Name}}"],
  ];
  return (await Promise.all(lists.map(lines))).flat();
}

async function lines(args: string[]): Promise<string[]> {
  return (await execa("docker", args)).stdout.split("\n").filter(Boolean);
}
