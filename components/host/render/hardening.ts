import type { Firewall } from "../../../config/schema/firewall.ts";
import type { Hardening } from "../../../config/schema/hardening.ts";
import { asset } from "../../lib/assets.ts";
import type { HostFile, HostInputs } from "../../../config/host/index.ts";
import { fill } from "../../lib/fill.ts";

/** Where the kernel's settings stand; UFW loads them too. */
export const SYSCTL = "/etc/sysctl.d/60-fairlead.conf";

const TIMERS = "/etc/systemd/system";
/** After the distribution's own 20auto-upgrades and 50unattended-upgrades: the last one counts (apt.conf(5)). */
const APT = "/etc/apt/apt.conf.d/60fairlead";
/** After jail.local, which has the rest (jail.conf(5)). */
const NEVER_BANNED = "/etc/fail2ban/jail.d/60-fairlead.local";

/** What the host tools need to harden a system. */
export type HardeningInput = Omit<HostInputs["hardening"], "name" | "clock">;

/**
 * Files, packages and units of a hardened Debian or Ubuntu (H4, CIS Debian 12).
 * @param sshPort the port on which sshd listens, for fail2ban
 * @param box whether every connection of this machine comes from the gateway of the server's network
 */
export function hardeningInput(
  settings: Hardening,
  firewall: Firewall,
  sshPort: number,
  box: boolean,
): HardeningInput {
  const parts = [system(settings), banDaemon(settings, sshPort), updates(settings)];
  const { fail2ban } = settings;
  const addresses = ["127.0.0.1/8", "::1", ...firewall.ssh.sources, ...fail2ban.ignore];
  return {
    packages: parts.flatMap(({ packages }) => packages).sort(),
    files: parts.flatMap(({ files }) => files),
    units: parts.flatMap(({ units }) => units),
    sysctl: { path: SYSCTL, content: asset("host/etc/sysctl.conf") },
    login: LOGIN,
    neverBanned: fail2ban.enabled ? { path: NEVER_BANNED, addresses, gateway: box } : undefined,
  };
}

/** No password is in use, but one that a person sets some day is kept well; files are not for everybody. */
const LOGIN = {
  UMASK: "027",
  PASS_MAX_DAYS: "365",
  PASS_MIN_DAYS: "1",
  ENCRYPT_METHOD: "SHA512",
  SHA_CRYPT_MIN_ROUNDS: "65536",
  SHA_CRYPT_MAX_ROUNDS: "65536",
};

type Part = Pick<HardeningInput, "packages" | "files" | "units">;

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
    units: [{ name: "systemd-journald.service", restartOn: [journald] }],
  };
}

function banDaemon({ fail2ban }: Hardening, port: number): Part {
  if (!fail2ban.enabled) return NOTHING;
  const path = "/etc/fail2ban/jail.local";
  const { attempts, within, ban } = fail2ban;
  const content = fill(asset("host/etc/fail2ban.conf"), { attempts, within, ban, port });
  const restartOn = [path, NEVER_BANNED];
  return {
    // Its systemd backend is only suggested by the package.
    packages: ["fail2ban", "python3-systemd"],
    files: [{ path, mode: "0644", content }],
    units: [{ name: "fail2ban.service", enabled: true, running: true, owned: true, restartOn }],
  };
}

function updates({ updates: { enabled, at, reboot, rebootAt } }: Hardening): Part {
  const file = (content: string): HostFile => ({ path: APT, mode: "0644", content });
  // The distribution may have come with updates that install themselves.
  if (!enabled) return { ...NOTHING, files: [file(asset("host/etc/no-updates.conf"))] };
  // The lists first, what they bring after them.
  const timers = Object.entries({ "apt-daily": 0, "apt-daily-upgrade": 300 }).map(([name, delay]) => ({
    name: `${name}.timer`,
    path: `${TIMERS}/${name}.timer.d/60-fairlead.conf`,
    content: fill(asset("host/etc/apt-timer.conf"), { at, delay }),
  }));
  const content = fill(asset("host/etc/unattended-upgrades.conf"), { reboot: String(reboot), rebootAt });
  return {
    packages: ["unattended-upgrades"],
    files: [
      ...timers.map(({ path, content: times }) => ({ path, mode: "0644", content: times })),
      file(content),
    ],
    units: timers.map(({ name, path }) => ({ name, enabled: true, running: true, restartOn: [path] })),
  };
}

const NOTHING: Part = { packages: [], files: [], units: [] };
