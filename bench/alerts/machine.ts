import { spawn, type ChildProcess } from "node:child_process";
import { cpus } from "node:os";
import type { Breakage, Scene } from "./breakage.ts";
import { memory, memoryThreshold } from "./stack.ts";

/** Small file systems in memory; with overlayfs on top, since plain ones in memory are nobody's disk. */
const DISKS = `for name in full files trend; do
  mkdir -p "/run/bench/$name" "/srv/$name"
  mount -t tmpfs -o size=64m,nr_inodes=1000 tmpfs "/run/bench/$name"
  mkdir -p "/run/bench/$name/lower" "/run/bench/$name/upper" "/run/bench/$name/work"
  mount -t overlay -o "lowerdir=/run/bench/$name/lower,upperdir=/run/bench/$name/upper,workdir=/run/bench/$name/work" overlay "/srv/$name"
done
head -c 45m /dev/zero >/srv/trend/file
docker restart --time 2 maicivy_node-exporter`;

const NO_DISKS = `for name in full files trend; do
  umount "/srv/$name"
  umount "/run/bench/$name"
  rmdir "/srv/$name"
done
docker restart --time 2 maicivy_node-exporter`;

/** Bytes. */
const PIECE = 2 ** 28;
const GREEDY = `const kept = [];
while (kept.length < Number(process.argv[1])) kept.push(Buffer.alloc(${PIECE}, 1));
setInterval(() => kept, 1000);`;

/** Before anything is measured: an exporter sees what is mounted when it starts. */
export const mountDisks = ({ stack }: Pick<Scene, "stack">): Promise<string> => stack.script(DISKS);
export const unmountDisks = ({ stack }: Pick<Scene, "stack">): Promise<string> => stack.script(NO_DISKS);

/** The server itself: disks, memory, processors, and a restart that waits. */
export function machine({ stack, memory: before }: Scene): Breakage[] {
  const on = (mountpoint: string): Record<string, string> => ({ mountpoint });
  let greedy: ChildProcess | undefined;
  let busy: ChildProcess[] = [];
  return [
    {
      how: "61 of 64 MB of a disk written",
      alerts: [{ alert: "DiskSpaceLow", labels: on("/srv/full") }],
      break: () => stack.script("head -c 61m /dev/zero >/srv/full/file"),
      mend: () => stack.run(["rm", "/srv/full/file"]),
    },
    {
      how: "950 of 1000 files of a disk made",
      alerts: [{ alert: "InodesLow", labels: on("/srv/files") }],
      break: () => stack.script("cd /srv/files && seq 950 | xargs touch"),
      mend: () => stack.script("cd /srv/files && seq 950 | xargs rm"),
    },
    {
      how: "memory of the machine taken by a process",
      alerts: [{ alert: "HighMemoryUsage" }],
      break: () => {
        const { total, available } = memory();
        const wanted = (memoryThreshold(before) + 0.03) * total - (total - available);
        greedy = spawn(process.execPath, ["-e", GREEDY, String(Math.ceil(wanted / PIECE))], {
          stdio: "ignore",
        });
        return Promise.resolve();
      },
      mend: () => {
        greedy?.kill("SIGKILL");
        return Promise.resolve();
      },
    },
    {
      how: "every processor kept busy",
      alerts: [{ alert: "HighCPUUsage" }],
      break: () => {
        busy = cpus().map(() => spawn("nice", ["-n", "19", process.execPath, "-e", "for(;;);"]));
        return Promise.resolve();
      },
      mend: () => {
        for (const one of busy) one.kill("SIGKILL");
        return Promise.resolve();
      },
    },
    {
      how: "the system's file that says so",
      alerts: [{ alert: "RebootWaiting" }],
      break: () => stack.run(["touch", "/var/run/reboot-required"]),
      mend: () => stack.run(["rm", "/var/run/reboot-required"]),
    },
  ];
}
