import type { Firewall } from "../../config/schema/firewall.ts";
import type { Hardening } from "../../config/schema/hardening.ts";
import { asset } from "../assets.ts";
import type { HostFile } from "../host-command.ts";
import { fill } from "./fill.ts";

/** Where the kernel's settings stand; UFW loads them too. */
export const SYSCTL = "/etc/sysctl.d/60-fairlead.conf";

const TIMERS = "/etc/systemd/system";
/** After the distribution's own 20auto-upgrades and 50unattended-upgrades: the last one counts (apt.conf(5)). */
const APT = "/etc/apt/apt.conf.d/60fairlead";

/** What the host tools need to harden a system. */
export interface HardeningInput extends Record<string, unknown> {
  packages: string[];
  files: HostFile[];
  sysctl: { path: string; content: string };
  /** Values of login.defs(5). */
  login: Record<string, string>;
  /** Units that run and start at boot. */
  services: string[];
  /** Units among them that have nothing to do without our files. */
  ours: string[];
  /** Path of a file → units that read it when they start. */
  restart: Record<string, string[]>;
}

/**
 * Files, packages and services of a hardened Debian or Ubuntu (H4, CIS Debian 12).
 * @param sshPort the port on which sshd listens, for fail2ban
 */
export function hardeningInput(settings: Hardening, firewall: Firewall, sshPort: number): HardeningInput {
  const parts = [system(settings), banDaemon(settings, firewall, sshPort), updates(settings)];
  return {
    packages: parts.flatMap(({ packages }) => packages).sort(),
    files: parts.flatMap(({ files }) => files),
    sysctl: { path: SYSCTL, content: asset("host/etc/sysctl.conf") },
    login: LOGIN,
    services: parts.flatMap(({ services }) => services),
    ours: parts.flatMap(({ ours = [] }) => ours),
    restart: Object.assign({}, ...parts.map(({ restart }) => restart)) as Record<string, string[]>,
  };
}

/** No password is in use, but one that a person sets some day is kept well; files are not for everybody. */
const LOGIN = {
  ...{ UMASK: "027", PASS_MAX_DAYS: "365", PASS_MIN_DAYS: "1", ENCRYPT_METHOD: "SHA512" },
  ...{ SHA_CRYPT_MIN_ROUNDS: "65536", SHA_CRYPT_MAX_ROUNDS: "65536" },
};

type Part = Pick<HardeningInput, "packages" | "files" | "services" | "restart"> & { ours?: string[] };

function system({ banner, journal }: Hardening): Part {
  const journald = "/etc/systemd/journald.conf.d/60-fairlead.conf";
  const file = (path: string, content: string): HostFile => ({ path, mode: "0644", content });
  return {
    packages: ["debsums", "libpam-passwdqc"],
    files: [
      file("/etc/issue", `${banner.trim()}\n`),
      file("/etc/issue.net", `${banner.trim()}\n`),
      file("/etc/modprobe.d/60-fairlead.conf", asset("host/etc/modprobe.conf")),
      file("/etc/profile.d/60-fairlead.sh", asset("host/etc/profile.sh")),
      file("/etc/security/limits.d/60-fairlead.conf", asset("host/etc/limits.conf")),
      file("/etc/systemd/coredump.conf.d/60-fairlead.conf", asset("host/etc/coredump.conf")),
      file(
        journald,
        fill(asset("host/etc/journald.conf"), {
          maximum: `${Math.floor(journal.maximum / 1024 ** 2)}M`,
          keep: `${journal.keep}s`,
        }),
      ),
    ],
    services: [],
    restart: { [journald]: ["systemd-journald.service"] },
  };
}

function banDaemon({ fail2ban }: Hardening, { ssh }: Firewall, port: number): Part {
  if (!fail2ban.enabled) return NOTHING;
  const path = "/etc/fail2ban/jail.local";
  const ignore = ["127.0.0.1/8", "::1", ...ssh.sources, ...fail2ban.ignore].join(" ");
  const { attempts, within, ban } = fail2ban;
  const content = fill(asset("host/etc/fail2ban.conf"), { attempts, within, ban, ignore, port });
  return {
    // Its systemd backend is only suggested by the package.
    packages: ["fail2ban", "python3-systemd"],
    files: [{ path, mode: "0644", content }],
    services: ["fail2ban.service"],
    ours: ["fail2ban.service"],
    restart: { [path]: ["fail2ban.service"] },
  };
}

function updates({ updates: { enabled, at, reboot, rebootAt } }: Hardening): Part {
  const file = (content: string): HostFile => ({ path: APT, mode: "0644", content });
  // The distribution may have come with updates that install themselves.
  if (!enabled) return { ...NOTHING, files: [file(asset("host/etc/no-updates.conf"))] };
  // The lists first, what they bring after them.
  const timers = { "apt-daily": 0, "apt-daily-upgrade": 300 };
  const files = Object.entries(timers).map(([name, delay]) => ({
    path: `${TIMERS}/${name}.timer.d/60-fairlead.conf`,
    mode: "0644",
    content: fill(asset("host/etc/apt-timer.conf"), { at, delay }),
  }));
  const content = fill(asset("host/etc/unattended-upgrades.conf"), { reboot: String(reboot), rebootAt });
  return {
    packages: ["unattended-upgrades"],
    files: [...files, file(content)],
    services: Object.keys(timers).map((name) => `${name}.timer`),
    restart: Object.fromEntries(
      files.map(({ path }, index) => [path, [`${Object.keys(timers)[index]}.timer`]]),
    ),
  };
}

const NOTHING: Part = { packages: [], files: [], services: [], restart: {} };
