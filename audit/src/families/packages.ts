import { check, none, skip, unknown, when } from "../check.ts";
import { inside } from "../family.ts";
import { lines, maybe, output } from "../inside/look.ts";

/** What is installed, and what waits. */
export interface PackagesEvidence {
  /** Packages with a security update that isn't installed. */
  security: string[];
  /** Other updates. */
  others: number;
  /** Days since the lists of packages were refreshed; `undefined` when they never were. */
  listsAge?: number;
  rebootRequired: boolean;
  /** Installed programs that no server should need. */
  legacy: string[];
  /** Lynis: `undefined` when it isn't installed. */
  lynis?: { index?: number; warnings: string[] };
}

const LEGACY = [
  "telnetd",
  "inetutils-telnetd",
  "rsh-server",
  "rsh-redone-server",
  "nis",
  "talk",
  "tftpd",
  "xinetd",
  "vsftpd",
  "snmpd",
  "rpcbind",
  "avahi-daemon",
  "cups",
];

export const packages = inside<PackagesEvidence>({
  title: "Packages and updates",
  ask: () => ({
    // The dry run asks no questions and takes no lock.
    upgrade: { run: ["apt-get", "--simulate", "--quiet", "--no-download", "upgrade"], seconds: 120 },
    lists: {
      run: ["find", "/var/lib/apt/lists", "-maxdepth", "1", "-name", "*Packages*", "-printf", "%T@\\n"],
    },
    now: { run: ["date", "+%s"] },
    reboot: { stat: ["/run/reboot-required", "/var/run/reboot-required"] },
    installed: { run: ["dpkg-query", "--show", "--showformat", "${db:Status-Abbrev} ${Package}\\n"] },
    lynis: { run: ["lynis", "audit", "system", "--quick", "--no-colors", "--no-log"], seconds: 240 },
    report: { read: "/var/log/lynis-report.dat" },
  }),
  read: (answers) => {
    const pending = lines(output(answers, "upgrade")).filter((line) => line.startsWith("Inst "));
    const newest = Math.max(...lines(maybe(answers, "lists") ?? "").map(Number), Number.NEGATIVE_INFINITY);
    const installed = lines(output(answers, "installed"))
      .filter((line) => line.startsWith("ii"))
      .map((line) => line.split(/\s+/)[1]!);
    return {
      security: pending.filter((line) => /security/i.test(line)).map((line) => line.split(" ")[1]!),
      others: pending.filter((line) => !/security/i.test(line)).length,
      listsAge: Number.isFinite(newest) ? (Number(output(answers, "now")) - newest) / 86_400 : undefined,
      rebootRequired: JSON.parse(maybe(answers, "reboot") ?? "[]").length > 0,
      legacy: installed.filter((name) => LEGACY.includes(name)),
      lynis:
        answers.lynis?.code === 127
          ? undefined
          : readLynis(answers.lynis?.out ?? "", maybe(answers, "report") ?? ""),
    };
  },
  checks: [
    check({
      id: "packages.security",
      title: "No security update is waiting",
      severity: "high",
      requirements: ["H4"],
      remedy: "apt-get update && apt-get upgrade; server.hardening.updates installs them by itself.",
      judge: ({ security, listsAge }) => {
        if (listsAge === undefined && security.length === 0)
          return unknown("the server has no lists of packages; apt-get update fetches them");
        return none(
          security,
          `none, by lists of ${listsAge === undefined ? "an unknown day" : `${Math.floor(listsAge)} days ago`}`,
        );
      },
    }),
    check({
      id: "packages.lists",
      title: "The lists of packages are refreshed each week",
      severity: "low",
      requirements: ["H4"],
      remedy: "systemctl enable --now apt-daily.timer",
      judge: ({ listsAge }) =>
        listsAge === undefined
          ? when(false, "there are none")
          : when(listsAge <= 7, `${Math.floor(listsAge)} days old`),
    }),
    check({
      id: "packages.reboot",
      title: "No reboot is waiting",
      severity: "medium",
      requirements: ["H4"],
      remedy: "Reboot in a quiet hour; server.hardening.updates.reboot does it by itself.",
      judge: ({ rebootRequired }) =>
        when(!rebootRequired, rebootRequired ? "a new kernel or library waits for a reboot" : "none"),
    }),
    check({
      id: "packages.legacy",
      title: "No old, unencrypted server program is installed",
      severity: "medium",
      requirements: ["H5"],
      remedy: "apt-get purge <name>",
      judge: ({ legacy }) => none(legacy, "none"),
    }),
    check({
      id: "packages.lynis",
      title: "Lynis' hardening index is at least 85",
      severity: "medium",
      requirements: ["O32"],
      remedy: "lynis audit system shows what it would change.",
      judge: ({ lynis }) => {
        if (!lynis) return skip("lynis is not installed");
        if (lynis.index === undefined) return unknown("lynis printed no index");
        const warnings = lynis.warnings.length > 0 ? `, warnings: ${lynis.warnings.join("; ")}` : "";
        return { ...when(lynis.index >= 85, `index ${lynis.index}${warnings}`), figure: String(lynis.index) };
      },
    }),
  ],
});

function readLynis(text: string, report: string): PackagesEvidence["lynis"] {
  const printed = /Hardening index : (\d+)/.exec(text)?.[1] ?? /^hardening_index=(\d+)$/m.exec(report)?.[1];
  const warnings = [...report.matchAll(/^warning\[\]=([^|]*)\|([^|]*)/gm)].map(
    ([, id, title]) => `${id} ${title}`,
  );
  return { index: printed === undefined ? undefined : Number(printed), warnings };
}
