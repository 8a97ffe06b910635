import { check, none, skip } from "../check.ts";
import { inside } from "../family.ts";
import { stats, type Stat } from "../inside/look.ts";

/** Modes and owners of files that matter. */
export interface FilesEvidence {
  system: Stat[];
  /** All below the stack's folder. */
  stack: Stat[];
  keys: Stat[];
  /** Folders in which programs are found. */
  programs: Stat[];
}

const octal = (mode: number): string => mode.toString(8).padStart(4, "0");
const describe = ({ path, mode, user, group }: Stat): string => `${path} is ${octal(mode)} ${user}:${group}`;
/** No bit beyond the most that is allowed. */
const within = (mode: number, most: number): boolean => (mode & ~most) === 0;

/** Most that a path may allow, and whose it is. */
const SYSTEM: Record<string, { most: number; group?: RegExp }> = {
  "/etc/shadow": { most: 0o640, group: /^(root|shadow)$/ },
  "/etc/gshadow": { most: 0o640, group: /^(root|shadow)$/ },
  "/etc/passwd": { most: 0o644 },
  "/etc/group": { most: 0o644 },
  "/etc/sudoers": { most: 0o440 },
  "/etc/ssh/sshd_config": { most: 0o644 },
  "/etc/crontab": { most: 0o644 },
  "/etc/docker/daemon.json": { most: 0o644 },
  "/root": { most: 0o700 },
};

const count = (list: readonly unknown[]): string => `${list.length} looked at`;

export const files = inside<FilesEvidence>({
  title: "Files",
  ask: ({ name }) => ({
    system: { stat: [...Object.keys(SYSTEM), "/etc/cron.d", "/etc/cron.d/*", "/etc/sudoers.d/*"] },
    socket: { stat: ["/var/run/docker.sock", "/run/docker.sock"] },
    stack: { stat: [`/opt/${name}`], deep: true },
    keys: {
      stat: [
        "/etc/ssh/*_key",
        "/etc/letsencrypt/live/*/privkey.pem",
        "/etc/letsencrypt/archive",
        "/etc/letsencrypt/archive/*/privkey*.pem",
        "/root/.ssh",
        "/root/.ssh/*",
        "/home/*/.ssh",
        "/home/*/.ssh/*",
      ],
    },
    programs: {
      stat: [
        "/usr/local/bin",
        "/usr/local/sbin",
        "/usr/bin",
        "/usr/sbin",
        "/bin",
        "/sbin",
        "/usr/local/bin/*",
        "/usr/local/sbin/*",
        "/usr/local/lib/fairlead",
        "/usr/local/lib/fairlead/*",
        "/etc/systemd/system/*",
        "/swapfile",
      ],
    },
  }),
  read: (answers) => ({
    system: [...stats(answers, "system"), ...stats(answers, "socket")],
    stack: stats(answers, "stack"),
    keys: stats(answers, "keys"),
    programs: stats(answers, "programs"),
  }),
  checks: [
    check({
      id: "files.system",
      title: "Accounts, sudo and cron tables belong to root and are closed",
      severity: "high",
      requirements: ["H27"],
      remedy: "chmod and chown back: 0640 for shadow, 0440 for sudoers, 0644 for the rest.",
      judge: ({ system }) =>
        none(
          system
            .filter(({ type }) => type !== "link" && type !== "other")
            .filter(isLoose)
            .map(describe),
          count(system),
        ),
    }),
    check({
      id: "files.socket",
      title: "The engine's socket is for root and the group docker only",
      severity: "critical",
      requirements: ["CIS 3.15"],
      remedy: "chmod 660 /var/run/docker.sock; chown root:docker",
      judge: ({ system }) => {
        const sockets = system.filter(({ path, type }) => path.endsWith("docker.sock") && type === "other");
        const isOpen = ({ mode, user, group }: Stat): boolean =>
          !within(mode, 0o660) || user !== "root" || !/^(root|docker)$/.test(group);
        return none(sockets.filter(isOpen).map(describe), "0660");
      },
    }),
    check({
      id: "files.secrets",
      title: "Secrets are in a folder that only root can enter",
      severity: "critical",
      requirements: ["S1"],
      remedy: "chmod 700 /opt/<name>/secrets; npm run up puts the rest back.",
      judge: ({ stack }, { name }) => {
        if (stack.length === 0) return skip(`there is no /opt/${name}`);
        const root = `/opt/${name}`;
        const closed = [`${root}/secrets`, `${root}/backups`, `${root}/cache/passwords`];
        const isLoose = ({ path, type, mode, user }: Stat): boolean => {
          if (closed.includes(path)) return !within(mode, 0o700) || user !== "root";
          if (type !== "file" || !path.startsWith(`${root}/secrets/`)) return false;
          return !within(mode, 0o444) || user !== "root";
        };
        const below = stack.filter(({ path }) => path.includes("/secrets/")).length;
        return none(stack.filter(isLoose).map(describe), `${below} below it`);
      },
    }),
    check({
      id: "files.keys",
      title:
        "Private keys are readable by their owner only, or by a group below a folder that only root can enter",
      severity: "critical",
      requirements: ["T6"],
      remedy: "chmod 600 the key, or chmod 700 the folder above it.",
      judge: ({ keys, stack }) => {
        const all = [...keys, ...stack].filter(({ path }) => isKey(path));
        const isLoose = ({ path, type, mode }: Stat): boolean =>
          type === "file" && !within(mode, isClosed(path, stack) ? 0o640 : 0o600);
        return none(all.filter(isLoose).map(describe), `${all.length} keys`);
      },
    }),
    check({
      id: "files.ssh-folders",
      title: "Only the owner can change who may log in",
      severity: "high",
      requirements: ["H10"],
      remedy: "chmod 700 ~/.ssh; chmod 600 ~/.ssh/authorized_keys",
      judge: ({ keys }) =>
        none(
          keys
            .filter(({ path }) => /\/\.ssh(\/authorized_keys2?)?$/.test(path))
            .filter(({ path, mode }) => !within(mode, path.endsWith(".ssh") ? 0o700 : 0o644))
            .map(describe),
          "closed",
        ),
    }),
    check({
      id: "files.writable",
      title: "No file of the stack can be written by everyone",
      severity: "high",
      requirements: ["H27"],
      remedy: "chmod o-w the path; npm run up puts the rest back.",
      judge: ({ stack }, { name }) => {
        if (stack.length === 0) return skip(`there is no /opt/${name}`);
        const isLoose = ({ type, mode }: Stat): boolean =>
          (type === "file" || type === "folder") && (mode & 0o002) !== 0;
        return none(stack.filter(isLoose).map(describe), count(stack));
      },
    }),
    check({
      id: "files.programs",
      title: "Programs and units that root runs belong to root, and only root can write them",
      severity: "critical",
      requirements: ["H27"],
      remedy: "chown root:root and chmod go-w the path.",
      judge: ({ programs }) => {
        // Debian gives /usr/local to the group staff, which has no members.
        const isLoose = ({ mode, user, group }: Stat): boolean =>
          user !== "root" || (mode & 0o002) !== 0 || ((mode & 0o020) !== 0 && !/^(root|staff)$/.test(group));
        return none(
          programs
            .filter(({ type }) => type === "file" || type === "folder")
            .filter(isLoose)
            .map(describe),
          count(programs),
        );
      },
    }),
  ],
});

/** Allows more than its row in {@link SYSTEM}, or belongs to another. */
function isLoose({ path, mode, user, group }: Stat): boolean {
  const fallback = path.startsWith("/etc/sudoers.d") ? 0o440 : path === "/etc/cron.d" ? 0o755 : 0o644;
  const { most, group: owners } = SYSTEM[path] ?? { most: fallback };
  return !within(mode, most) || user !== "root" || !(owners ?? /^root$/).test(group);
}

/** Only root can enter a folder above it. */
const isClosed = (path: string, stack: Stat[]): boolean =>
  stack.some(
    (one) =>
      one.type === "folder" &&
      path.startsWith(`${one.path}/`) &&
      one.user === "root" &&
      within(one.mode, 0o700),
  );

const isKey = (path: string): boolean => /(_key|\.key|privkey\d*\.pem|\/id_[a-z0-9]+|\/identity)$/.test(path);
