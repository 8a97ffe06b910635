import { check, none } from "../check.ts";
import { inside } from "../family.ts";
import { lines, maybe, output } from "../inside/look.ts";

/** Accounts; password hashes never leave the server, only their state does. */
export interface UsersEvidence {
  accounts: { name: string; uid: number; home: string; shell: string }[];
  /** `passwd -S`: P usable password, L locked, NP none. */
  passwords: Record<string, string>;
  /** Members of groups that are as good as root. */
  powerful: Record<string, string[]>;
  /** Rules of sudo without a password for everything. */
  sudo: string[];
}

const POWERFUL = ["docker", "sudo", "adm", "disk", "lxd"];

export const users = inside<UsersEvidence>({
  title: "Accounts",
  ask: () => ({
    passwd: { read: "/etc/passwd" },
    status: { run: ["passwd", "--status", "--all"] },
    groups: { read: "/etc/group" },
    sudo: { read: "/etc/sudoers*" },
    rules: { read: "/etc/sudoers.d/*" },
  }),
  read: (answers) => ({
    accounts: lines(output(answers, "passwd")).map((line) => {
      const [name = "", , uid, , , home = "", shell = ""] = line.split(":");
      return { name, uid: Number(uid), home, shell };
    }),
    passwords: Object.fromEntries(
      lines(output(answers, "status")).map((line) => line.split(/\s+/).slice(0, 2) as [string, string]),
    ),
    powerful: Object.fromEntries(
      lines(output(answers, "groups"))
        .map((line) => line.split(":"))
        .filter(([name]) => POWERFUL.includes(name!))
        .map(([name, , , members]) => [name!, (members ?? "").split(",").filter(Boolean)]),
    ),
    sudo: ["sudo", "rules"]
      .flatMap((name) => lines(maybe(answers, name) ?? ""))
      .filter((line) => /NOPASSWD:\s*ALL/.test(line) && !line.startsWith("#")),
  }),
  checks: [
    check({
      id: "users.root",
      title: "Only root has user id 0",
      severity: "critical",
      requirements: ["H10"],
      remedy: "Remove the account.",
      judge: ({ accounts }) =>
        none(
          accounts.filter(({ uid, name }) => uid === 0 && name !== "root").map(({ name }) => name),
          "root",
        ),
    }),
    check({
      id: "users.empty-password",
      title: "No account has an empty password",
      severity: "critical",
      requirements: ["H10"],
      remedy: "passwd --lock <name>",
      judge: ({ passwords }) =>
        none(
          Object.keys(passwords).filter((name) => passwords[name] === "NP"),
          `${Object.keys(passwords).length} accounts`,
        ),
    }),
    check({
      id: "users.passwords",
      title: "No account can log in with a password",
      severity: "medium",
      requirements: ["H10"],
      remedy: "passwd --lock <name>: logins are by key.",
      judge: ({ passwords }) =>
        none(
          Object.keys(passwords).filter((name) => /^PS?$/.test(passwords[name]!)),
          "all locked",
        ),
    }),
    check({
      id: "users.services",
      title: "Accounts of services have no shell",
      severity: "low",
      requirements: ["H10"],
      remedy: "usermod --shell /usr/sbin/nologin <name>",
      judge: ({ accounts }) =>
        none(
          accounts
            .filter(
              ({ uid, name, shell }) =>
                uid > 0 && uid < 1000 && !/(nologin|false|sync)$/.test(shell) && name !== "postgres",
            )
            .map(({ name, shell }) => `${name}: ${shell}`),
          "none",
        ),
    }),
    check({
      id: "users.sudo",
      title: "No account may run everything as root without a password",
      severity: "high",
      requirements: ["H10"],
      remedy: "List the host tools in sudoers instead of ALL (docs/server.md).",
      judge: ({ sudo }) => none(sudo, "none"),
    }),
    check({
      id: "users.powerful",
      title: "At most one account besides root can take over the engine",
      severity: "medium",
      requirements: ["H10"],
      remedy: "gpasswd --delete <name> docker",
      judge: ({ powerful }) => {
        const members = powerful.docker ?? [];
        return none(
          members.length > 1 ? [`group docker has ${members.join(", ")}`] : [],
          members.join(", ") || "none",
        );
      },
    }),
  ],
});
