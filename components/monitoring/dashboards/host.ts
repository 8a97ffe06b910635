import { NODE, SERVER } from "../../../config/metrics.ts";
import { area, line, NONE, query, rising, stat, type Dashboard, type Panel, type Watched } from "./panel.ts";
import { dashboard } from "./common.ts";

const MAIN_DISK = '{mountpoint="/"}';
/** Disks, and no loops or mapped parts of them; interfaces of the machine, and none of containers. */
const DEVICES = '{device!~"(loop|dm-|ram|zram).*"}';
const INTERFACES = '{device!~"(lo|veth.*|br-.*|docker.*)"}';

/** Share of all cores (M26). */
export const cpu = (): Panel =>
  line("cpu", {
    title: "CPU",
    description: "Share of all cores that worked, over five minutes.",
    unit: "share",
    queries: [query(`1 - avg(rate(${NODE.cpu}{mode="idle"}[5m]))`, "in use")],
    thresholds: rising(0.7, 0.9),
    max: 1,
  });

/** Share of the memory (M26). */
export const memory = (): Panel =>
  line("memory", {
    title: "Memory",
    description: "Share of the memory that isn't available to new programs.",
    unit: "share",
    queries: [query(`1 - ${NODE.memoryAvailable} / ${NODE.memoryTotal}`, "in use")],
    thresholds: rising(0.8, 0.9),
    max: 1,
  });

/** Share of the root file system (M26). */
export const disk = (): Panel =>
  line("disk", {
    title: "Disk",
    description: "Share of the root file system that is used.",
    unit: "share",
    queries: [query(`1 - ${NODE.diskFree}${MAIN_DISK} / ${NODE.diskSize}${MAIN_DISK}`, "in use")],
    thresholds: rising(0.8, 0.9),
    max: 1,
  });

/** What grows on the disk (M41). */
export const folders = (): Panel =>
  area("folders", {
    title: "What fills the disk",
    description: "Logs, backups, Prometheus' own data, and what Docker keeps.",
    unit: "bytes",
    queries: [query(`max by (folder) (${SERVER.folder})`, "{{folder}}")],
  });

const machine: Panel[] = [
  stat("uptime", {
    title: "Up for",
    description: "Time since the server was started.",
    unit: "seconds",
    queries: [query(`time() - ${NODE.boot}`, "up")],
  }),
  stat("reboot-waiting", {
    title: "Reboot waiting",
    description: "An update of the system takes effect with the next start of the server.",
    unit: "count",
    queries: [query(SERVER.rebootWaiting, "waiting")],
    thresholds: NONE,
  }),
  stat("updates-waiting", {
    title: "Updates waiting",
    description: "Packages of the system with a newer version.",
    unit: "count",
    queries: [query(SERVER.updatesWaiting, "packages")],
    thresholds: rising(1, 50),
  }),
  stat("units-failed", {
    title: "Failed units",
    description: "Timers and services of the stack that failed last.",
    unit: "count",
    queries: [query(`sum(${SERVER.unitFailed})`, "failed")],
    thresholds: NONE,
  }),
];

const load: Panel[] = [
  area("cpu-modes", {
    title: "CPU by kind of work",
    description:
      "Cores in use: programs, the kernel, waiting for the disk, taken by other guests of the host.",
    unit: "count",
    queries: [query(`sum by (mode) (rate(${NODE.cpu}{mode!="idle"}[5m]))`, "{{mode}}")],
  }),
  line("load", {
    title: "Load",
    description: "Programs that run or wait to run, over one minute.",
    unit: "count",
    queries: [query(NODE.load1, "load"), query(`count(${NODE.cpu}{mode="idle"})`, "cores")],
  }),
  line("swap", {
    title: "Swap",
    description: "Memory that was moved to the disk.",
    unit: "bytes",
    queries: [query(`${NODE.swapTotal} - ${NODE.swapFree}`, "in use")],
  }),
];

const traffic: Panel[] = [
  line("disk-io", {
    title: "Disk traffic",
    description: "Bytes a second that were read and written.",
    unit: "byteRate",
    queries: [
      query(`sum(rate(${NODE.diskRead}${DEVICES}[5m]))`, "read"),
      query(`sum(rate(${NODE.diskWritten}${DEVICES}[5m]))`, "written"),
    ],
  }),
  line("disk-busy", {
    title: "Disk busy",
    description: "Share of the time in which a disk had work.",
    unit: "share",
    queries: [query(`rate(${NODE.diskBusy}${DEVICES}[5m])`, "{{device}}")],
    max: 1,
  }),
  line("network", {
    title: "Network",
    description: "Bytes a second on the server's own interfaces.",
    unit: "byteRate",
    queries: [
      query(`sum(rate(${NODE.received}${INTERFACES}[5m]))`, "received"),
      query(`sum(rate(${NODE.sent}${INTERFACES}[5m]))`, "sent"),
    ],
  }),
  line("inodes", {
    title: "Inodes",
    description: "Share of the places for files that is used on the root file system.",
    unit: "share",
    queries: [query(`1 - ${NODE.inodesFree}${MAIN_DISK} / ${NODE.inodes}${MAIN_DISK}`, "in use")],
    thresholds: rising(0.8, 0.9),
    max: 1,
  }),
];

const containers: Panel[] = [
  area("container-memory", {
    title: "Memory of containers",
    description: "Without files that the kernel merely keeps.",
    unit: "bytes",
    queries: [query(SERVER.memory, "{{container}}")],
    width: 12,
  }),
  area("container-cpu", {
    title: "CPU of containers",
    description: "Cores in use.",
    unit: "count",
    queries: [query(`rate(${SERVER.cpu}[5m])`, "{{container}}")],
    width: 12,
  }),
  line("container-limit", {
    title: "Memory beside its limit",
    description: "Share of a container's own limit. At 100 % the kernel kills it.",
    unit: "share",
    queries: [query(`${SERVER.memory} / (${SERVER.memoryLimit} > 0)`, "{{container}}")],
    thresholds: rising(0.8, 0.95),
    max: 1,
    width: 12,
  }),
  line("container-restarts", {
    title: "Restarts and memory kills",
    description: "Within an hour.",
    unit: "count",
    queries: [
      query(`increase(${SERVER.restarts}[1h]) > 0`, "{{container}} restarts"),
      query(`increase(${SERVER.oomKills}[1h]) > 0`, "{{container}} out of memory"),
      query(`sum(increase(${SERVER.restarts}[1h]))`, "all restarts"),
    ],
    width: 12,
  }),
];

/** What the community dashboards 1860 and 893 are used for (M27). */
export const host = (watched: Watched): Dashboard =>
  dashboard(watched, "host", {
    title: "Server and containers",
    description: "The server's processors, memory, disk and network, and its containers.",
    sections: [
      { title: "Now", panels: machine },
      { title: "What is scarce", panels: [cpu(), memory(), disk(), ...load] },
      { title: "Disk and network", panels: [...traffic, folders()] },
      { title: "Containers", panels: containers },
    ],
  });
