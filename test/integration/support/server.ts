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

/** Names of what exists on this machine's engine and belongs to a box or to the registry. */
export async function leftovers(): Promise<string[]> {
  const lists = [
    ["ps", "--all", "--format", "container {{.Names}}"],
    ["volume", "ls", "--format", "volume {{.Name}}"],
    ["network", "ls", "--format", "network {{.Name}}"],
  ];
  const found = await Promise.all(
    lists.map(async (args) => (await execa("docker", args)).stdout.split("\n")),
  );
  return found.flat().filter((line) => /^(container|volume|network) (box-|fairlead)/.test(line));
}
