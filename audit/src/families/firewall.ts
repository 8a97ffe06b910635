import { mayBeOpen, type About } from "../about.ts";
import { check, none, when } from "../check.ts";
import { inside } from "../family.ts";
import { lines, maybe, output } from "../inside/look.ts";

/** UFW, and what Docker's chains let through. */
export interface FirewallEvidence {
  /** `ufw status verbose`. */
  active: boolean;
  incoming: string;
  logging: string;
  /** `22/tcp`, `80/tcp`, …: where connections are let in, without the note on IPv6. */
  open: string[];
  /** The same for IPv6. */
  open6: string[];
  /** Rules of DOCKER-USER in both tables. */
  docker: string[];
  docker6: string[];
  /** Policy of the INPUT chain. */
  policy: string;
  policy6: string;
  enabledAtBoot: boolean;
}

/** Every source is refused; a rule for one source, port or set of addresses, such as fail2ban's, leaves the rest open. */
const refusesAll = (rule: string): boolean =>
  /-j (DROP|REJECT)/.test(rule) && !/(?<!! )-s |d(st)?ports? |--match-set /.test(rule);

/** What a rule of `ufw status` opens: `80,443/tcp   ALLOW IN   Anywhere` → `80/tcp`, `443/tcp`; both protocols: `22`. */
function portsOf(line: string): string[] {
  const [list = "", protocol] = line.split(/\s+/)[0]!.split("/");
  return list.split(",").map((port) => (protocol ? `${port}/${protocol}` : port));
}

/** What is allowed and shouldn't be. */
function strangers(open: readonly string[], about: About): string[] {
  const isKnown = (one: string): boolean => {
    const [port, protocol] = one.split("/");
    return mayBeOpen(about, Number(port), protocol === "udp" ? "udp" : "tcp");
  };
  return open.filter((one) => !isKnown(one)).map((one) => `${one} is allowed`);
}

export const firewall = inside<FirewallEvidence>({
  title: "Firewall",
  ask: () => ({
    ufw: { run: ["ufw", "status", "verbose"] },
    rules: { run: ["iptables", "-S"] },
    rules6: { run: ["ip6tables", "-S"] },
    conf: { read: "/etc/ufw/ufw.conf" },
  }),
  read: (answers) => {
    const status = lines(output(answers, "ufw"));
    const [rules, rules6] = [lines(output(answers, "rules")), lines(maybe(answers, "rules6") ?? "")];
    const field = (name: string): string =>
      status.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2) ?? "";
    const allowed = status.filter(
      (line) => /\b(ALLOW|LIMIT)( IN)?\b/.test(line) && !/\bOUT\b|\bFWD\b/.test(line),
    );
    const ports = (list: string[]): string[] => [...new Set(list.flatMap(portsOf))];
    const policy = (list: string[]): string => /^-P INPUT (\S+)/m.exec(list.join("\n"))?.[1] ?? "";
    const chain = (list: string[]): string[] => list.filter((line) => line.startsWith("-A DOCKER-USER"));
    return {
      active: field("Status") === "active",
      incoming: /(\S+) \(incoming\)/.exec(field("Default"))?.[1] ?? "",
      logging: field("Logging"),
      open: ports(allowed.filter((line) => !line.includes("(v6)"))),
      open6: ports(allowed.filter((line) => line.includes("(v6)"))),
      docker: chain(rules),
      docker6: chain(rules6),
      policy: policy(rules),
      policy6: policy(rules6),
      enabledAtBoot: /^ENABLED=yes/m.test(maybe(answers, "conf") ?? ""),
    };
  },
  checks: [
    check({
      id: "firewall.active",
      title: "UFW is active, now and after a boot",
      severity: "critical",
      requirements: ["H8", "O29"],
      remedy: "server.firewall.enabled, then npm run up.",
      judge: ({ active, enabledAtBoot }) =>
        when(
          active && enabledAtBoot,
          `${active ? "active" : "inactive"}, ${enabledAtBoot ? "enabled" : "not enabled"} at boot`,
        ),
    }),
    check({
      id: "firewall.default",
      title: "What no rule allows is refused",
      severity: "critical",
      requirements: ["H8"],
      remedy: "ufw default deny incoming",
      judge: ({ incoming, policy, active }) =>
        when(
          active && /deny|reject/.test(incoming) && policy === "DROP",
          active ? `${incoming}, INPUT ${policy}` : "inactive",
        ),
    }),
    check({
      id: "firewall.rules",
      title: "Exactly SSH, HTTP, HTTPS and the ports that the stack opens in addition are allowed",
      severity: "high",
      requirements: ["H8", "O29"],
      remedy: "ufw status numbered; delete what isn't declared, or npm run up.",
      judge: ({ open }, about) =>
        none(
          [
            ...strangers(open, about),
            ...about.ports
              .filter((port) => !open.some((one) => one === `${port}/tcp` || one === `${port}`))
              .map((port) => `${port} has no rule`),
          ],
          open.join(", "),
        ),
    }),
    check({
      id: "firewall.ipv6",
      title: "The same holds for IPv6",
      severity: "high",
      requirements: ["H8", "E3"],
      remedy: "IPV6=yes in /etc/default/ufw, then ufw reload.",
      judge: ({ open6, policy6, active }, about) =>
        none(
          [
            ...(active && policy6 === "DROP" ? [] : [`INPUT ${policy6 || "unknown"}`]),
            ...strangers(open6, about),
          ],
          `${open6.join(", ") || "nothing"} allowed, INPUT ${policy6}`,
        ),
    }),
    check({
      id: "firewall.docker",
      title: "A container that publishes a port by mistake stays out of reach",
      severity: "high",
      requirements: ["H9"],
      remedy: "A DOCKER-USER chain that drops all but 80 and 443 (server.firewall).",
      judge: ({ docker, docker6 }) => {
        const open = (rules: string[]): boolean => !rules.some(refusesAll);
        return none(
          [
            ...(open(docker) ? ["DOCKER-USER lets everybody in"] : []),
            ...(docker6.length > 0 && open(docker6) ? ["DOCKER-USER lets everybody in over IPv6"] : []),
          ],
          `${docker.length} rules`,
        );
      },
    }),
    check({
      id: "firewall.logging",
      title: "Refused connections are logged",
      severity: "low",
      requirements: ["H8"],
      remedy: "ufw logging low",
      judge: ({ logging }) => when(logging.startsWith("on"), logging || "off"),
    }),
  ],
});
