import Docker from "dockerode";
import { parse } from "yaml";
import { onBox } from "../test/integration/support/server.ts";
import { STACK, type BenchStack } from "./stack.ts";
import type { Row } from "./table.ts";

/** Seconds without a visitor before anything is measured. */
const QUIET = 15;

/** Memory of the idle stack, without the page cache: each container on the box, and the box as a whole. */
export async function measureMemory(stack: BenchStack): Promise<Row[]> {
  const { result } = await stack.first();
  await new Promise((resolve) => setTimeout(resolve, QUIET * 1000));
  const command = ["docker", "stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}}"];
  const { exitCode, stdout, stderr } = await onBox(stack.project.folder, result.outputs.ssh, command);
  if (exitCode !== 0) throw new Error(`docker stats on the box failed: ${stderr}`);
  const containers = stdout
    .trim()
    .split("\n")
    .map((line) => ({ name: line.split(" ")[0]!, megabytes: megabytes(line.split(" ")[1]!) }))
    .sort((a, b) => b.megabytes - a.megabytes);
  const sum = containers.reduce((total, one) => total + one.megabytes, 0);
  const note = containers.map((one) => `${short(one.name)} ${one.megabytes.toFixed(0)}`).join(", ");
  const box = await boxMemory(stack);
  return [
    { measure: "idle memory: containers", figure: sum, unit: "MB", note },
    {
      measure: "idle memory: the whole box",
      figure: box.processes,
      unit: "MB",
      note: `systemd, sshd, Docker engine and containers; with all page cache ${box.all.toFixed(0)} MB`,
    },
  ];
}

/** `12.5MiB`, as `docker stats` writes it. */
function megabytes(text: string): number {
  const [, amount, unit = ""] = /^([\d.]+)([KMG]?i?B)$/.exec(text) ?? [];
  const factor = { B: 1 / 1024 ** 2, KiB: 1 / 1024, MiB: 1, GiB: 1024 }[unit];
  if (!amount || !factor) throw new Error(`docker stats said ${text}; expected a size such as 12.5MiB`);
  return Number(amount) * factor;
}

/** Mebibytes, of processes and of everything. The box is the container that publishes this stack's HTTPS port. */
async function boxMemory({ project }: BenchStack): Promise<{ processes: number; all: number }> {
  const docker = new Docker();
  const { config } = parse(project.read(`Pulumi.${STACK}.yaml`)) as {
    config: { "fairlead:server": { box: { ports: { https: number } } } };
  };
  const port = config["fairlead:server"].box.ports.https;
  const all = await docker.listContainers();
  const box = all.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === port));
  if (!box) throw new Error(`no container publishes port ${port}; expected the box of ${STACK}`);
  const { memory_stats: memory } = await docker.getContainer(box.Id).stats({ stream: false });
  // Control groups v2 and v1 name the same fields differently. Shared memory is Postgres's buffers and folders in memory.
  const found = memory.stats as unknown as Record<string, number | undefined>;
  const processes = (found.anon ?? found.total_rss ?? 0) + (found.shmem ?? found.total_shmem ?? 0);
  return { processes: processes / 1024 ** 2, all: memory.usage / 1024 ** 2 };
}

/** `backend-0123456789-1-f00ba12` → `backend`, `maicivy_postgres` → `postgres`. */
function short(name: string): string {
  return name.replace(/^[a-z0-9-]+_/, "").replace(/-[0-9a-f]{10}-\d+.*$/, "");
}
