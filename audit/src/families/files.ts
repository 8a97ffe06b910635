import { none, skip, type Check, type Severity } from "../check.ts";
import { family } from "../family.ts";
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
const told = ({ path, mode, user, group }: Stat): string => `${path} is ${octal(mode)} ${user}:${group}`;
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

function check(
  id: string,
  title: string,
  severity: Severity,
  requirements: string[],
  remedy: string,
  faults: (evidence: FilesEvidence, root: string) => string[],
  good: (evidence: FilesEvidence) => string,
  /** It looks at nothing but the stack's folder. */
  ofStack = false,
): Check<FilesEvidence> {
  return {
    ...{ id: `files.${id}`, title, severity, requirements, remedy },
    judge: (evidence, { name }) => {
      const root = `/opt/${name}`;
      if (ofStack && evidence.stack.length === 0) return skip(`there is no ${root}`);
      return none(faults(evidence, root), good(evidence));
    },
  };
}

const count = (list: readonly unknown[]): string => `${list.length} looked at`;

export const files = family<FilesEvidence>({
  title: "Files",
  source: {
    where: "inside",
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
      ...{
        stack: stats(answers, "stack"),
        keys: stats(answers, "keys"),
        programs: stats(answers, "programs"),
      },
    }),
  },
  checks: [
    check(
      "system",
      "Accounts, sudo and cron tables belong to root and are closed",
      "high",
      ["H27"],
      "chmod and chown back: 0640 for shadow, 0440 for sudoers, 0644 for the rest.",
      ({ system }) =>
        system
          .filter((one) => one.type !== "link" && one.type !== "other")
          .filter(({ path, mode, user, group }) => {
            const rule = SYSTEM[path] ?? {
              most: path.startsWith("/etc/sudoers.d") ? 0o440 : path === "/etc/cron.d" ? 0o755 : 0o644,
            };
            return !within(mode, rule.most) || user !== "root" || !(rule.group ?? /^root$/).test(group);
          })
          .map(told),
      ({ system }) => count(system),
    ),
    check(
      "socket",
      "The engine's socket is for root and the group docker only",
      "critical",
      ["CIS 3.15"],
      "chmod 660 /var/run/docker.sock; chown root:docker",
      ({ system }) => {
        const sockets = system.filter(({ path, type }) => path.endsWith("docker.sock") && type === "other");
        return sockets
          .filter(
            ({ mode, user, group }) =>
              !within(mode, 0o660) || user !== "root" || !/^(root|docker)$/.test(group),
          )
          .map(told);
      },
      () => "0660",
    ),
    check(
      "secrets",
      "Secrets are in a folder that only root can enter",
      "critical",
      ["S1"],
      "chmod 700 /opt/<name>/secrets; npm run up puts the rest back.",
      ({ stack }, root) => {
        const closed = stack.filter(({ path }) =>
          [`${root}/secrets`, `${root}/backups`, `${root}/cache/passwords`].includes(path),
        );
        return [
          ...closed.filter(({ mode, user }) => !within(mode, 0o700) || user !== "root").map(told),
          ...stack
            .filter(
              ({ path, type, mode, user }) =>
                type === "file" &&
                path.startsWith(`${root}/secrets/`) &&
                (!within(mode, 0o444) || user !== "root"),
            )
            .map(told),
        ];
      },
      ({ stack }) => `${stack.filter(({ path }) => path.includes("/secrets/")).length} below it`,
      true,
    ),
    check(
      "keys",
      "Private keys are readable by their owner only, or by a group below a folder that only root can enter",
      "critical",
      ["T6"],
      "chmod 600 the key, or chmod 700 the folder above it.",
      ({ keys, stack }) =>
        [...keys, ...stack]
          .filter(({ path, type }) => type === "file" && isKey(path))
          .filter(({ path, mode }) => !within(mode, isClosed(path, stack) ? 0o640 : 0o600))
          .map(told),
      ({ keys, stack }) => `${[...keys, ...stack].filter(({ path }) => isKey(path)).length} keys`,
    ),
    check(
      "ssh-folders",
      "Nobody else can change who may log in",
      "high",
      ["H10"],
      "chmod 700 ~/.ssh; chmod 600 ~/.ssh/authorized_keys",
      ({ keys }) =>
        keys
          .filter(({ path }) => /\/\.ssh(\/authorized_keys2?)?$/.test(path))
          .filter(({ path, mode }) => !within(mode, path.endsWith(".ssh") ? 0o700 : 0o644))
          .map(told),
      () => "closed",
    ),
    check(
      "writable",
      "No file of the stack can be written by everyone",
      "high",
      ["H27"],
      "chmod o-w the path; npm run up puts the rest back.",
      ({ stack }) =>
        stack
          .filter(({ type, mode }) => (type === "file" || type === "folder") && (mode & 0o002) !== 0)
          .map(told),
      ({ stack }) => count(stack),
      true,
    ),
    check(
      "programs",
      "Programs and units that root runs belong to root and nobody else can write them",
      "critical",
      ["H27"],
      "chown root:root and chmod go-w the path.",
      ({ programs }) =>
        // Debian gives /usr/local to the group staff, which has no members.
        programs
          .filter(({ type }) => type === "file" || type === "folder")
          .filter(
            ({ mode, user, group }) =>
              user !== "root" ||
              (mode & 0o002) !== 0 ||
              ((mode & 0o020) !== 0 && !/^(root|staff)$/.test(group)),
          )
          .map(told),
      ({ programs }) => count(programs),
    ),
  ],
});

/** Some folder above it lets nobody but root in. */
const isClosed = (path: string, stack: Stat[]): boolean =>
  stack.some(
    (one) =>
      one.type === "folder" &&
      path.startsWith(`${one.path}/`) &&
      one.user === "root" &&
      within(one.mode, 0o700),
  );

const isKey = (path: string): boolean => /(_key|\.key|privkey\d*\.pem|\/id_[a-z0-9]+|\/identity)$/.test(path);
