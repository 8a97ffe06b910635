import { none, type Check, type Severity } from "../check.ts";
import { family } from "../family.ts";
import { answer, lines } from "../inside/look.ts";

/** `sysctl` by name; a value that this kernel doesn't have is missing. */
export type KernelEvidence = Record<string, string>;

/** A group of values: what each protects is one sentence. */
interface Group {
  id: string;
  title: string;
  severity: Severity;
  values: Record<string, (value: number) => boolean>;
}

const is = (wanted: number) => (value: number) => value === wanted;
const from = (least: number) => (value: number) => value >= least;
const both = (
  name: string,
  good: (value: number) => boolean,
): Record<string, (value: number) => boolean> => ({
  [`net.ipv4.conf.all.${name}`]: good,
  [`net.ipv4.conf.default.${name}`]: good,
});

const GROUPS: Group[] = [
  {
    id: "redirects",
    title: "Routes can't be changed by ICMP redirects",
    severity: "medium",
    values: {
      ...both("accept_redirects", is(0)),
      ...both("send_redirects", is(0)),
      "net.ipv6.conf.all.accept_redirects": is(0),
    },
  },
  {
    id: "source-routes",
    title: "Source-routed packets are refused",
    severity: "medium",
    values: { ...both("accept_source_route", is(0)), "net.ipv6.conf.all.accept_source_route": is(0) },
  },
  {
    id: "spoofing",
    title: "Packets with a forged source are dropped",
    severity: "medium",
    values: { "net.ipv4.conf.all.rp_filter": from(1) },
  },
  {
    id: "syn-cookies",
    title: "SYN floods are answered with cookies",
    severity: "medium",
    values: { "net.ipv4.tcp_syncookies": from(1) },
  },
  {
    id: "broadcasts",
    title: "Broadcast pings are not answered",
    severity: "low",
    values: {
      "net.ipv4.icmp_echo_ignore_broadcasts": is(1),
      "net.ipv4.icmp_ignore_bogus_error_responses": is(1),
    },
  },
  {
    id: "addresses",
    title: "Addresses of programs and kernel are random and hidden",
    severity: "medium",
    values: {
      "kernel.randomize_va_space": is(2),
      "kernel.kptr_restrict": from(1),
      "kernel.dmesg_restrict": is(1),
    },
  },
  {
    id: "links",
    title: "Links and pipes in shared folders are protected",
    severity: "medium",
    values: {
      "fs.protected_hardlinks": is(1),
      "fs.protected_symlinks": is(1),
      "fs.protected_fifos": from(1),
      "fs.protected_regular": from(1),
    },
  },
  {
    id: "dumps",
    title: "Programs with rights leave no core dumps",
    severity: "low",
    values: { "fs.suid_dumpable": is(0) },
  },
  {
    id: "tracing",
    title: "Users can't trace or probe other programs",
    severity: "low",
    values: { "kernel.yama.ptrace_scope": from(1), "kernel.unprivileged_bpf_disabled": from(1) },
  },
];

const NAMES = GROUPS.flatMap(({ values }) => Object.keys(values));

function check({ id, title, severity, values }: Group): Check<KernelEvidence> {
  return {
    ...{ id: `kernel.${id}`, title, severity, requirements: ["H27"] },
    remedy: `sysctl ${Object.keys(values).join(", ")} (server.hardening)`,
    judge: (kernel, { box }) => {
      // A container sees only some of the kernel's values, and another kernel may lack one.
      const known = Object.entries(values).filter(([name]) => kernel[name] !== undefined);
      // A box shares the kernel of the machine around it: what isn't its own name space is not its to set.
      const own = known.filter(([name]) => !box || OWN.test(name));
      const bad = own.filter(([name, good]) => !good(Number(kernel[name])));
      if (own.length === 0)
        return {
          result: "skip",
          found: box ? "belongs to the machine around the box" : "this kernel has none of them",
        };
      return none(
        bad.map(([name]) => `${name} is ${kernel[name]}`),
        own.map(([name]) => `${name} ${kernel[name]}`).join(", "),
      );
    },
  };
}

/** Values that every network name space has for itself. */
const OWN = /^net\./;

export const kernel = family<KernelEvidence>({
  title: "Kernel",
  source: {
    where: "inside",
    ask: () => ({ sysctl: { run: ["sysctl", "--ignore", ...NAMES] } }),
    read: (answers) => {
      const pairs = lines(answer(answers, "sysctl").out).map((line) => line.split(" = ") as [string, string]);
      if (pairs.length === 0) throw new Error(answers.sysctl?.err || "sysctl told nothing");
      return Object.fromEntries(pairs);
    },
  },
  checks: GROUPS.map(check),
});
