import { check, fail, none, skip, when, type Judge, type Verdict } from "../check.ts";
import { inside } from "../family.ts";
import { lines, maybe, output, stats } from "../inside/look.ts";

/** Services and timers. */
export interface UnitsEvidence {
  /** By unit: loaded, active and enabled as systemd says. */
  units: Record<string, { load: string; active: string; enabled: string }>;
  failed: string[];
  /** `systemctl is-system-running`. */
  system: string;
  /** Timers that have a next run. */
  timers: string[];
  /** Lines of cron tables that run something. */
  cron: string[];
  /** Whether unattended-upgrades is installed, and how often apt calls it: days, `always`, or `0` for never. */
  upgrades: { installed: boolean; every: string };
  /** `timedatectl show`. */
  clock: { ntp: boolean; synced: boolean; zone: string };
}

const UNITS = [
  "ssh.service",
  "ssh.socket",
  "docker.service",
  "containerd.service",
  "cron.service",
  "ufw.service",
  "fail2ban.service",
  "unattended-upgrades.service",
  "apt-daily-upgrade.timer",
  "certbot.timer",
  "systemd-journald.service",
];

/** Judges one unit. */
const running =
  (unit: string): Judge<UnitsEvidence> =>
  ({ units }) =>
    state(units, unit);

/** Passes a unit that runs, and will after a boot. */
function state(units: UnitsEvidence["units"], unit: string): Verdict {
  const found = units[unit];
  if (!found || found.load === "not-found") return fail(`${unit} is not installed`);
  const good = found.active === "active" && /enabled|static|alias|indirect|generated/.test(found.enabled);
  return when(good, `${unit} is ${found.active}, ${found.enabled || "not enabled"}`);
}

export const units = inside<UnitsEvidence>({
  title: "Services, timers and clock",
  ask: ({ stack }) => ({
    show: {
      run: [
        "systemctl",
        "show",
        "--property",
        "Id,LoadState,ActiveState,UnitFileState",
        ...UNITS,
        ...(stack ? [stack.renewal] : []),
      ],
    },
    failed: { run: ["systemctl", "list-units", "--failed", "--plain", "--no-legend"] },
    system: { run: ["systemctl", "is-system-running"] },
    timers: { run: ["systemctl", "list-timers", "--plain", "--no-legend", "--no-pager"] },
    table: { read: "/etc/crontab" },
    tables: { read: "/etc/cron.d/*" },
    own: { read: "/var/spool/cron/crontabs/*" },
    upgrader: { stat: ["/usr/bin/unattended-upgrade"] },
    upgrades: { run: ["apt-config", "dump", "APT::Periodic::Unattended-Upgrade"] },
    clock: { run: ["timedatectl", "show"] },
  }),
  read: (answers) => {
    const units: UnitsEvidence["units"] = {};
    for (const block of output(answers, "show").split("\n\n")) {
      const value = (name: string): string => new RegExp(`^${name}=(.*)$`, "m").exec(block)?.[1] ?? "";
      if (value("Id"))
        units[value("Id")] = {
          load: value("LoadState"),
          active: value("ActiveState"),
          enabled: value("UnitFileState"),
        };
    }
    const clock = maybe(answers, "clock") ?? "";
    return {
      units,
      failed: lines(output(answers, "failed")).map((line) => line.split(/\s+/)[0]!),
      system: answers.system?.out.trim() ?? "",
      timers: lines(output(answers, "timers")).flatMap((line) => /(\S+\.timer)/.exec(line)?.[1] ?? []),
      cron: ["table", "tables", "own"]
        .flatMap((name) => lines(maybe(answers, name) ?? ""))
        .filter((line) => !line.startsWith("#") && /^(@|[\d*])/.test(line))
        // Debian's tables end a line of their own at once where systemd runs: its timer does the work there.
        .filter((line) => !line.includes("! -d /run/systemd/system")),
      upgrades: {
        installed: stats(answers, "upgrader").length > 0,
        every: /"([^"]*)"/.exec(maybe(answers, "upgrades") ?? "")?.[1] ?? "0",
      },
      clock: {
        ntp: /^NTP=yes/m.test(clock),
        synced: /^NTPSynchronized=yes/m.test(clock),
        zone: /^Timezone=(.*)$/m.exec(clock)?.[1] ?? "",
      },
    };
  },
  checks: [
    check({
      id: "units.docker",
      title: "The Docker engine runs, and starts at boot: it starts every container",
      severity: "high",
      requirements: ["H6", "H14", "O30"],
      remedy: "systemctl enable --now docker",
      judge: running("docker.service"),
    }),
    check({
      id: "units.ssh",
      title: "sshd runs, and starts at boot",
      severity: "high",
      requirements: ["H10", "O29"],
      remedy: "systemctl enable --now ssh",
      // Ubuntu has started sshd by its socket since 22.10.
      judge: ({ units }) => {
        const socket = state(units, "ssh.socket");
        return socket.result === "pass" ? socket : state(units, "ssh.service");
      },
    }),
    check({
      id: "units.cron",
      title: "cron runs, and starts at boot",
      severity: "medium",
      requirements: ["H15", "O30"],
      remedy: "systemctl enable --now cron",
      judge: running("cron.service"),
    }),
    check({
      id: "units.fail2ban",
      title: "fail2ban runs, and starts at boot",
      severity: "medium",
      requirements: ["H10"],
      remedy: "server.hardening.fail2ban, then npm run up.",
      judge: running("fail2ban.service"),
    }),
    check({
      id: "units.updates",
      title: "Security updates install themselves",
      severity: "medium",
      requirements: ["H4"],
      remedy: "server.hardening.updates, then npm run up.",
      // The timer comes with apt itself; without the program and the setting it runs and does nothing.
      judge: ({ units, upgrades: { installed, every } }) => {
        if (!installed) return fail("unattended-upgrades is not installed");
        if (["", "0"].includes(every)) return fail("APT::Periodic::Unattended-Upgrade is off");
        return state(units, "apt-daily-upgrade.timer");
      },
    }),
    check({
      id: "units.failed",
      title: "No service has failed",
      severity: "medium",
      requirements: ["O30"],
      remedy: "journalctl -u <unit> says why; systemctl reset-failed once it is repaired.",
      judge: ({ failed, system }) => none(failed, system || "none"),
    }),
    check({
      id: "units.renewal",
      title: "Certificates renew themselves: the stack's timer runs; elsewhere any timer or cron entry",
      severity: "high",
      requirements: ["T9", "T11", "H15", "O30"],
      remedy: "systemctl enable --now the renewal timer (docs/certificates.md).",
      judge: ({ units, timers, cron }, { stack }) => {
        if (stack) return state(units, stack.renewal);
        const found = [
          ...timers.filter((name) => /certbot|renew/.test(name)),
          ...cron.filter((line) => /certbot|renew/.test(line)).map(() => "cron"),
        ];
        return when(found.length > 0, found.join(", ") || "neither timer nor cron entry");
      },
    }),
    check({
      id: "units.clock",
      title: "The clock is kept right",
      severity: "medium",
      requirements: ["H27"],
      remedy: "systemctl enable --now systemd-timesyncd",
      judge: ({ clock }, { box }) =>
        box
          ? skip("a box has the clock of the machine around it")
          : when(
              clock.ntp,
              `time sync is ${clock.ntp ? "on" : "off"}${clock.synced ? ", synchronized" : ""}, zone ${clock.zone}`,
            ),
    }),
  ],
});
