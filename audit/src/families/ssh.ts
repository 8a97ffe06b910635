import { none, unknown, when, type Check } from "../check.ts";
import { family } from "../family.ts";
import { lines, output } from "../inside/look.ts";

/** `sshd -T`: option in lower case → its values. */
export type SshEvidence = Record<string, string[]>;

/** A setting of sshd_config(5) and what it may be. */
function setting(
  option: string,
  good: (value: string) => boolean,
  rest: Omit<Check<SshEvidence>, "judge">,
): Check<SshEvidence> {
  return {
    ...rest,
    judge: (sshd) => {
      const value = (sshd[option] ?? []).join(" ");
      return when(value !== "" && good(value), `${option} ${value || "is not told"}`);
    },
  };
}

const WEAK_KEX = /sha1|group1-|group14-sha1|group-exchange/;
const WEAK_CIPHERS = /cbc|3des|arcfour|blowfish|cast128/;
const WEAK_MACS = /md5|hmac-sha1|umac-64|-96|hmac-sha2-(256|512)(,|$)/;
const weak = (pattern: RegExp, list: string): string[] =>
  list.split(",").filter((name) => pattern.test(name));

function algorithms(
  id: string,
  option: string,
  pattern: RegExp,
  title: string,
  severity: "medium" | "low",
): Check<SshEvidence> {
  return {
    ...{ id, title, severity, requirements: ["H10"] },
    remedy: `Set ${option} in a drop-in under /etc/ssh/sshd_config.d (docs/server.md).`,
    judge: (sshd) => {
      const list = (sshd[option.toLowerCase()] ?? []).join(",");
      return list === "" ? unknown(`sshd tells no ${option}`) : none(weak(pattern, list), "modern ones only");
    },
  };
}

export const ssh = family<SshEvidence>({
  title: "SSH",
  source: {
    where: "inside",
    ask: () => ({ sshd: { run: ["sshd", "-T"] } }),
    read: (answers) => {
      const settings: SshEvidence = {};
      for (const line of lines(output(answers, "sshd"))) {
        const [option, ...value] = line.split(" ");
        (settings[option!.toLowerCase()] ??= []).push(value.join(" "));
      }
      return settings;
    },
  },
  checks: [
    setting("passwordauthentication", (value) => value === "no", {
      ...{
        id: "ssh.passwords",
        title: "Passwords are refused",
        severity: "critical",
        requirements: ["H10", "O29"],
      },
      remedy: "PasswordAuthentication no",
    }),
    setting("kbdinteractiveauthentication", (value) => value === "no", {
      ...{
        id: "ssh.keyboard",
        title: "Keyboard-interactive logins are refused",
        severity: "high",
        requirements: ["H10"],
      },
      remedy: "KbdInteractiveAuthentication no",
    }),
    setting(
      "permitrootlogin",
      (value) => ["no", "without-password", "prohibit-password", "forced-commands-only"].includes(value),
      {
        ...{
          id: "ssh.root",
          title: "Root logs in with a key, or not at all",
          severity: "critical",
          requirements: ["H10"],
        },
        remedy: "PermitRootLogin prohibit-password, or no with a deploy user",
      },
    ),
    setting("permitemptypasswords", (value) => value === "no", {
      ...{
        id: "ssh.empty",
        title: "Empty passwords are refused",
        severity: "critical",
        requirements: ["H10"],
      },
      remedy: "PermitEmptyPasswords no",
    }),
    setting("pubkeyauthentication", (value) => value === "yes", {
      ...{ id: "ssh.keys", title: "Keys are accepted", severity: "high", requirements: ["H10", "O29"] },
      remedy: "PubkeyAuthentication yes",
    }),
    setting("maxauthtries", (value) => Number(value) <= 4, {
      ...{
        id: "ssh.tries",
        title: "At most four tries a connection",
        severity: "low",
        requirements: ["H10"],
      },
      remedy: "MaxAuthTries 4 or fewer (server.ssh.maxAuthTries)",
    }),
    setting("logingracetime", (value) => Number(value) > 0 && Number(value) <= 60, {
      ...{
        id: "ssh.grace",
        title: "A connection that doesn't log in is closed within a minute",
        severity: "low",
        requirements: ["H10"],
      },
      remedy: "LoginGraceTime 30",
    }),
    setting(
      "maxstartups",
      (value) => Number(value.split(":")[0]) <= 200 && Number(value.split(":")[2]) <= 500,
      {
        ...{
          id: "ssh.startups",
          title: "Connections that haven't logged in are bounded",
          severity: "low",
          requirements: ["H10"],
        },
        remedy: "MaxStartups 100:30:200 (server.ssh.maxStartups)",
      },
    ),
    setting("x11forwarding", (value) => value === "no", {
      ...{ id: "ssh.x11", title: "X11 is not forwarded", severity: "low", requirements: ["H10"] },
      remedy: "X11Forwarding no",
    }),
    setting("permituserenvironment", (value) => value === "no", {
      ...{
        id: "ssh.environment",
        title: "Users can't set the session's environment",
        severity: "medium",
        requirements: ["H10"],
      },
      remedy: "PermitUserEnvironment no",
    }),
    setting("allowagentforwarding", (value) => value === "no", {
      ...{ id: "ssh.agent", title: "Agents are not forwarded", severity: "low", requirements: ["H10"] },
      remedy: "AllowAgentForwarding no",
    }),
    setting("strictmodes", (value) => value === "yes", {
      ...{
        id: "ssh.strict",
        title: "Keys that others can write are refused",
        severity: "medium",
        requirements: ["H10"],
      },
      remedy: "StrictModes yes",
    }),
    setting("loglevel", (value) => ["INFO", "VERBOSE"].includes(value), {
      ...{ id: "ssh.log", title: "Logins are logged", severity: "low", requirements: ["H10"] },
      remedy: "LogLevel VERBOSE",
    }),
    algorithms("ssh.kex", "KexAlgorithms", WEAK_KEX, "Modern key exchange only", "medium"),
    algorithms("ssh.ciphers", "Ciphers", WEAK_CIPHERS, "Modern ciphers only", "medium"),
    algorithms("ssh.macs", "MACs", WEAK_MACS, "Modern message authentication only", "low"),
  ],
});
