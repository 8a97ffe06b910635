import { check, none, unknown, when, type Judge } from "../check.ts";
import { inside } from "../family.ts";
import { lines, output } from "../inside/look.ts";

/** `sshd -T`: option in lower case → its values. */
export type SshEvidence = Record<string, string[]>;

/** Judges an option of sshd_config(5) by its value. */
function option(name: string, isGood: (value: string) => boolean): Judge<SshEvidence> {
  return (sshd) => {
    const value = (sshd[name.toLowerCase()] ?? []).join(" ");
    return when(value !== "" && isGood(value), `${name} ${value || "is not set"}`);
  };
}

const is =
  (...wanted: string[]) =>
  (value: string): boolean =>
    wanted.includes(value);

/** Judges an option that lists algorithms by the weak ones among them. */
function withoutWeak(name: string, weak: RegExp): Judge<SshEvidence> {
  return (sshd) => {
    const algorithms = (sshd[name.toLowerCase()] ?? []).join(",");
    if (algorithms === "") return unknown(`sshd gives no ${name}`);
    return none(
      algorithms.split(",").filter((algorithm) => weak.test(algorithm)),
      "modern ones only",
    );
  };
}

const remedyFor = (name: string): string =>
  `Set ${name} in a drop-in under /etc/ssh/sshd_config.d (docs/server.md).`;

export const ssh = inside<SshEvidence>({
  title: "SSH",
  ask: () => ({ sshd: { run: ["sshd", "-T"] } }),
  read: (answers) => {
    const settings: SshEvidence = {};
    for (const line of lines(output(answers, "sshd"))) {
      const [name, ...value] = line.split(" ");
      (settings[name!.toLowerCase()] ??= []).push(value.join(" "));
    }
    return settings;
  },
  checks: [
    check({
      id: "ssh.passwords",
      title: "Passwords are refused",
      severity: "critical",
      requirements: ["H10", "O29"],
      remedy: "PasswordAuthentication no",
      judge: option("PasswordAuthentication", is("no")),
    }),
    check({
      id: "ssh.keyboard",
      title: "Keyboard-interactive logins are refused",
      severity: "high",
      requirements: ["H10"],
      remedy: "KbdInteractiveAuthentication no",
      judge: option("KbdInteractiveAuthentication", is("no")),
    }),
    check({
      id: "ssh.root",
      title: "Root logs in with a key, or not at all",
      severity: "critical",
      requirements: ["H10"],
      remedy: "PermitRootLogin prohibit-password, or no with a deploy user",
      judge: option(
        "PermitRootLogin",
        is("no", "without-password", "prohibit-password", "forced-commands-only"),
      ),
    }),
    check({
      id: "ssh.empty",
      title: "Empty passwords are refused",
      severity: "critical",
      requirements: ["H10"],
      remedy: "PermitEmptyPasswords no",
      judge: option("PermitEmptyPasswords", is("no")),
    }),
    check({
      id: "ssh.keys",
      title: "Keys are accepted",
      severity: "high",
      requirements: ["H10", "O29"],
      remedy: "PubkeyAuthentication yes",
      judge: option("PubkeyAuthentication", is("yes")),
    }),
    check({
      id: "ssh.tries",
      title: "At most four tries per connection",
      severity: "low",
      requirements: ["H10"],
      remedy: "MaxAuthTries 4 or fewer (server.ssh.maxAuthTries)",
      judge: option("MaxAuthTries", (value) => Number(value) <= 4),
    }),
    check({
      id: "ssh.grace",
      title: "A connection that doesn't log in is closed within a minute",
      severity: "low",
      requirements: ["H10"],
      remedy: "LoginGraceTime 30",
      judge: option("LoginGraceTime", (value) => Number(value) > 0 && Number(value) <= 60),
    }),
    check({
      id: "ssh.startups",
      title: "Connections that haven't logged in are bounded",
      severity: "low",
      requirements: ["H10"],
      remedy: "MaxStartups 100:30:200 (server.ssh.maxStartups)",
      judge: option("MaxStartups", (value) => {
        const [start, , full] = value.split(":").map(Number);
        return start! <= 200 && full! <= 500;
      }),
    }),
    check({
      id: "ssh.x11",
      title: "X11 is not forwarded",
      severity: "low",
      requirements: ["H10"],
      remedy: "X11Forwarding no",
      judge: option("X11Forwarding", is("no")),
    }),
    check({
      id: "ssh.environment",
      title: "Users can't set the session's environment",
      severity: "medium",
      requirements: ["H10"],
      remedy: "PermitUserEnvironment no",
      judge: option("PermitUserEnvironment", is("no")),
    }),
    check({
      id: "ssh.agent",
      title: "Agents are not forwarded",
      severity: "low",
      requirements: ["H10"],
      remedy: "AllowAgentForwarding no",
      judge: option("AllowAgentForwarding", is("no")),
    }),
    check({
      id: "ssh.strict",
      title: "Keys that others can write are refused",
      severity: "medium",
      requirements: ["H10"],
      remedy: "StrictModes yes",
      judge: option("StrictModes", is("yes")),
    }),
    check({
      id: "ssh.log",
      title: "Logins are logged",
      severity: "low",
      requirements: ["H10"],
      remedy: "LogLevel VERBOSE",
      judge: option("LogLevel", is("INFO", "VERBOSE")),
    }),
    check({
      id: "ssh.kex",
      title: "Modern key exchange only",
      severity: "medium",
      requirements: ["H10"],
      remedy: remedyFor("KexAlgorithms"),
      judge: withoutWeak("KexAlgorithms", /sha1|group1-|group14-sha1|group-exchange/),
    }),
    check({
      id: "ssh.ciphers",
      title: "Modern ciphers only",
      severity: "medium",
      requirements: ["H10"],
      remedy: remedyFor("Ciphers"),
      judge: withoutWeak("Ciphers", /cbc|3des|arcfour|blowfish|cast128/),
    }),
    check({
      id: "ssh.macs",
      title: "Modern message authentication only",
      severity: "low",
      requirements: ["H10"],
      remedy: remedyFor("MACs"),
      judge: withoutWeak("MACs", /md5|hmac-sha1|umac-64|-96|hmac-sha2-(256|512)$/),
    }),
  ],
});
