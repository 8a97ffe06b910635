import { check, none, skip, unknown, when, type Verdict } from "../check.ts";
import { inside } from "../family.ts";
import { lines, maybe, output } from "../inside/look.ts";

/** Disk, memory and the system itself. */
export interface MachineEvidence {
  /** Percent used, by mount point. */
  disks: Record<string, number>;
  inodes: Record<string, number>;
  /** Bytes. */
  memory: number;
  available: number;
  swap: number;
  /** Swap files and partitions in the table of what is mounted at boot. */
  swapAtBoot: boolean;
  /** `Debian 12`. */
  system: { id: string; version: number; name: string };
  /** Largest size of the journal, as configured. */
  journal: string;
  /** What logrotate rotates. */
  logrotate: boolean;
}

const GIGA = 1024 ** 3;
const WATCHED = ["/", "/var", "/var/lib/docker", "/opt", "/home", "/tmp", "/boot"];

export const machine = inside<MachineEvidence>({
  title: "Disk, memory and system",
  ask: () => ({
    disks: { run: ["df", "-P", "-l"] },
    inodes: { run: ["df", "-P", "-l", "-i"] },
    memory: { read: "/proc/meminfo" },
    limit: { read: "/sys/fs/cgroup/memory.max" },
    limit1: { read: "/sys/fs/cgroup/memory/memory.limit_in_bytes" },
    swaps: { read: "/proc/swaps" },
    table: { read: "/etc/fstab" },
    release: { read: "/etc/os-release" },
    journal: { run: ["systemd-analyze", "cat-config", "systemd/journald.conf"] },
    rotate: {
      stat: ["/etc/cron.daily/logrotate", "/lib/systemd/system/logrotate.timer", "/usr/sbin/logrotate"],
    },
  }),
  read: (answers) => {
    const kilo = (name: string): number =>
      Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(output(answers, "memory"))?.[1] ?? 0) * 1024;
    const limit = Number(maybe(answers, "limit") ?? maybe(answers, "limit1"));
    const release = (name: string): string =>
      new RegExp(`^${name}="?([^"\\n]*)`, "m").exec(output(answers, "release"))?.[1] ?? "";
    return {
      disks: used(output(answers, "disks")),
      inodes: used(output(answers, "inodes")),
      memory: limit > 0 ? Math.min(limit, kilo("MemTotal")) : kilo("MemTotal"),
      available: kilo("MemAvailable"),
      swap: lines(output(answers, "swaps"))
        .slice(1)
        .reduce((sum, line) => sum + Number(line.split(/\s+/)[2]) * 1024, 0),
      swapAtBoot: /^[^#\n]\S*\s+\S+\s+swap\s/m.test(maybe(answers, "table") ?? ""),
      system: { id: release("ID"), version: Number(release("VERSION_ID")), name: release("PRETTY_NAME") },
      journal: /^(SystemMaxUse|RuntimeMaxUse)=(.+)$/m.exec(maybe(answers, "journal") ?? "")?.[2] ?? "",
      logrotate: maybe(answers, "rotate") !== undefined && maybe(answers, "rotate") !== "[]",
    };
  },
  checks: [
    check({
      id: "machine.disk",
      title: "Every disk has a tenth free",
      severity: "high",
      requirements: ["M12", "O6", "H3"],
      remedy: "docker image prune --all; delete old logs: docs/server.md has a runbook.",
      judge: ({ disks }) =>
        Object.keys(disks).length === 0 ? unknown("df shows no disk") : notFull(disks, "is", "% full"),
    }),
    check({
      id: "machine.inodes",
      title: "Every disk has a tenth of its inodes free",
      severity: "medium",
      requirements: ["M12", "O6"],
      remedy: "Find folders with very many small files, and empty them.",
      // Some file systems, such as btrfs, make inodes as they need them.
      judge: ({ inodes }) =>
        Object.keys(inodes).length === 0
          ? skip("no file system here has a number of inodes")
          : notFull(inodes, "uses", "%"),
    }),
    check({
      id: "machine.memory",
      title: "It has 2 GB of memory or more, and some of it free",
      severity: "medium",
      requirements: ["H3", "M13"],
      remedy: "Take a larger server, or lower the limits of containers.",
      judge: ({ memory, available }) =>
        when(
          memory >= 1.8 * GIGA && available > memory * 0.05,
          `${(memory / GIGA).toFixed(1)} GB, ${(available / GIGA).toFixed(1)} GB available`,
        ),
    }),
    check({
      id: "machine.swap",
      title: "There is swap, now and after a boot",
      severity: "low",
      requirements: ["H3"],
      remedy: "server.swap: 2 GB, then npm run up.",
      judge: ({ swap, swapAtBoot }, { box, swap: declared }) => {
        if (box && !declared) return skip("a box has the swap of the machine around it");
        return when(
          swap > 0 && swapAtBoot && swap >= (declared ?? 0) * 0.99,
          `${(swap / GIGA).toFixed(1)} GB${swapAtBoot ? "" : ", not in /etc/fstab"}`,
        );
      },
    }),
    check({
      id: "machine.system",
      title: "The system is Debian 11, Ubuntu 20.04, or newer",
      severity: "high",
      requirements: ["H2"],
      remedy: "Move to a system that still gets security updates.",
      judge: ({ system }) =>
        when(
          (system.id === "debian" && system.version >= 11) ||
            (system.id === "ubuntu" && system.version >= 20.04),
          system.name,
        ),
    }),
    check({
      id: "machine.journal",
      title: "The journal is bounded",
      severity: "low",
      requirements: ["O6", "O28"],
      remedy: "server.hardening.journal, then npm run up.",
      judge: ({ journal }) => when(journal !== "", journal ? `at most ${journal}` : "no limit is set"),
    }),
    check({
      id: "machine.logrotate",
      title: "Log files are rotated",
      severity: "low",
      requirements: ["O9", "O28"],
      remedy: "apt-get install logrotate",
      judge: ({ logrotate }) => when(logrotate, logrotate ? "by logrotate" : "logrotate is not installed"),
    }),
  ],
});

/** Fails for what is used by more than nine tenths. */
function notFull(used: Record<string, number>, verb: string, unit: string): Verdict {
  const all = Object.entries(used);
  return none(
    all.filter(([, percent]) => percent > 90).map(([path, percent]) => `${path} ${verb} ${percent} ${unit}`),
    all.map(([path, percent]) => `${path} ${percent} %`).join(", "),
  );
}

/** Percent by mount point from `df -P`; only the mount points that fill up. */
function used(text: string): Record<string, number> {
  const rows = lines(text)
    .slice(1)
    .map((line) => line.split(/\s+/));
  return Object.fromEntries(
    rows
      .filter((row) => WATCHED.includes(row[5]!) && /^\d+%$/.test(row[4]!))
      .map((row) => [row[5]!, Number.parseInt(row[4]!, 10)]),
  );
}
