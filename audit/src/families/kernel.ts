import { check, none, skip, type Judge } from "../check.ts";
import { inside } from "../family.ts";
import { answer, lines } from "../inside/look.ts";

/** `sysctl` by name; a value that this kernel doesn't have is missing. */
export type KernelEvidence = Record<string, string>;

/** Values of sysctl by name, and which of them are good. */
type Values = Readonly<Record<string, (value: number) => boolean>>;

const is = (wanted: number) => (value: number) => value === wanted;
const from = (least: number) => (value: number) => value >= least;

const REDIRECTS: Values = {
  "net.ipv4.conf.all.accept_redirects": is(0),
  "net.ipv4.conf.default.accept_redirects": is(0),
  "net.ipv4.conf.all.send_redirects": is(0),
  "net.ipv4.conf.default.send_redirects": is(0),
  "net.ipv6.conf.all.accept_redirects": is(0),
};
const SOURCE_ROUTES: Values = {
  "net.ipv4.conf.all.accept_source_route": is(0),
  "net.ipv4.conf.default.accept_source_route": is(0),
  "net.ipv6.conf.all.accept_source_route": is(0),
};
const SPOOFING: Values = { "net.ipv4.conf.all.rp_filter": from(1) };
const SYN_COOKIES: Values = { "net.ipv4.tcp_syncookies": from(1) };
const BROADCASTS: Values = {
  "net.ipv4.icmp_echo_ignore_broadcasts": is(1),
  "net.ipv4.icmp_ignore_bogus_error_responses": is(1),
};
const ADDRESSES: Values = {
  "kernel.randomize_va_space": is(2),
  "kernel.kptr_restrict": from(1),
  "kernel.dmesg_restrict": is(1),
};
const LINKS: Values = {
  "fs.protected_hardlinks": is(1),
  "fs.protected_symlinks": is(1),
  "fs.protected_fifos": from(1),
  "fs.protected_regular": from(1),
};
const DUMPS: Values = { "fs.suid_dumpable": is(0) };
const TRACING: Values = {
  "kernel.yama.ptrace_scope": from(1),
  "kernel.unprivileged_bpf_disabled": from(1),
};
const ALL = [REDIRECTS, SOURCE_ROUTES, SPOOFING, SYN_COOKIES, BROADCASTS, ADDRESSES, LINKS, DUMPS, TRACING];

/** Every network name space has these values for itself. */
const OWN = /^net\./;

/** Judges values of sysctl; a container sees only some of them, and another kernel may lack one. */
function within(values: Values): Judge<KernelEvidence> {
  return (kernel, { box }) => {
    // A box shares the kernel of the machine around it: only its own name space is the box's to set.
    const known = Object.keys(values).filter(
      (name) => kernel[name] !== undefined && (!box || OWN.test(name)),
    );
    if (known.length === 0)
      return skip(box ? "belongs to the machine around the box" : "this kernel has none of them");
    return none(
      known
        .filter((name) => !values[name]!(Number(kernel[name])))
        .map((name) => `${name} is ${kernel[name]}`),
      known.map((name) => `${name} ${kernel[name]}`).join(", "),
    );
  };
}

const remedyFor = (values: Values): string => `sysctl ${Object.keys(values).join(", ")} (server.hardening)`;

export const kernel = inside<KernelEvidence>({
  title: "Kernel",
  ask: () => ({ sysctl: { run: ["sysctl", "--ignore", ...ALL.flatMap((values) => Object.keys(values))] } }),
  read: (answers) => {
    const pairs = lines(answer(answers, "sysctl").out).map((line) => line.split(" = ") as [string, string]);
    if (pairs.length === 0) throw new Error(answers.sysctl?.err || "sysctl printed nothing");
    return Object.fromEntries(pairs);
  },
  checks: [
    check({
      id: "kernel.redirects",
      title: "Routes can't be changed by ICMP redirects",
      severity: "medium",
      requirements: ["H27"],
      remedy: remedyFor(REDIRECTS),
      judge: within(REDIRECTS),
    }),
    check({
      id: "kernel.source-routes",
      title: "Source-routed packets are refused",
      severity: "medium",
      requirements: ["H27"],
      remedy: remedyFor(SOURCE_ROUTES),
      judge: within(SOURCE_ROUTES),
    }),
    check({
      id: "kernel.spoofing",
      title: "Packets with a forged source are dropped",
      severity: "medium",
      requirements: ["H27"],
      remedy: remedyFor(SPOOFING),
      judge: within(SPOOFING),
    }),
    check({
      id: "kernel.syn-cookies",
      title: "SYN floods are answered with cookies",
      severity: "medium",
      requirements: ["H27"],
      remedy: remedyFor(SYN_COOKIES),
      judge: within(SYN_COOKIES),
    }),
    check({
      id: "kernel.broadcasts",
      title: "Broadcast pings are not answered",
      severity: "low",
      requirements: ["H27"],
      remedy: remedyFor(BROADCASTS),
      judge: within(BROADCASTS),
    }),
    check({
      id: "kernel.addresses",
      title: "Addresses of programs and kernel are random and hidden",
      severity: "medium",
      requirements: ["H27"],
      remedy: remedyFor(ADDRESSES),
      judge: within(ADDRESSES),
    }),
    check({
      id: "kernel.links",
      title: "Links and pipes in shared folders are protected",
      severity: "medium",
      requirements: ["H27"],
      remedy: remedyFor(LINKS),
      judge: within(LINKS),
    }),
    check({
      id: "kernel.dumps",
      title: "Programs with rights leave no core dumps",
      severity: "low",
      requirements: ["H27"],
      remedy: remedyFor(DUMPS),
      judge: within(DUMPS),
    }),
    check({
      id: "kernel.tracing",
      title: "Users can't trace or probe other programs",
      severity: "low",
      requirements: ["H27"],
      remedy: remedyFor(TRACING),
      judge: within(TRACING),
    }),
  ],
});
