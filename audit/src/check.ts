/** How bad it is when a check fails. */
export const SEVERITIES = ["low", "medium", "high", "critical"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** `unknown`: it could not be checked; that is never a pass. `skip`: it doesn't apply here, and why. */
export type Result = "pass" | "fail" | "unknown" | "skip";

/** What a check says about a server. */
export interface Verdict {
  result: Result;
  /** What was found, in one line; never a secret. */
  found: string;
}

export const pass = (found: string): Verdict => ({ result: "pass", found });
export const fail = (found: string): Verdict => ({ result: "fail", found });
export const unknown = (why: string): Verdict => ({
  result: "unknown",
  found: `could not be checked: ${why}`,
});
export const skip = (why: string): Verdict => ({ result: "skip", found: why });

/** Passes when the condition holds; says the same facts either way. */
export const when = (good: boolean, found: string): Verdict => (good ? pass(found) : fail(found));

/** Fails when anything is listed. */
export function none(faults: readonly string[], good: string): Verdict {
  if (faults.length === 0) return pass(good);
  const shown = faults.slice(0, 8).join("; ");
  return fail(faults.length > 8 ? `${shown}; and ${faults.length - 8} more` : shown);
}

/** What is checked, apart from how. */
export interface CheckInfo {
  /** `family.name`; stable, people write it into `--only`. */
  id: string;
  title: string;
  severity: Severity;
  /** Ids of REQUIREMENTS, or of a public guide such as `CIS 5.4`. */
  requirements: readonly string[];
  /** What to do when it fails. */
  remedy: string;
}

/** A check of a family; judging is pure, so that a test can show it a broken server. */
export interface Check<Evidence> extends CheckInfo {
  judge(evidence: Evidence, about: About): Verdict;
}

/** Whether a port may be open. */
export const mayBeOpen = ({ ports, declared }: About, port: number, protocol: "tcp" | "udp"): boolean =>
  (protocol === "tcp" && ports.includes(port)) ||
  declared.some((one) => one.port === port && one.protocol === protocol);

/** What the audit knows about the server before it looks. */
export interface About {
  /** Name of the system: prefix of containers; its folder is `/opt/<name>`. */
  name: string;
  /** A box: no clock of its own, no public DNS, and the engine's own rules around it. */
  box: boolean;
  /** Where the HTTPS site answers. */
  url: string;
  /** Every name that the edge serves; the first is the canonical one. */
  names: readonly string[];
  /** TCP ports that must be reachable from outside: SSH, HTTP, HTTPS. */
  ports: readonly number[];
  /** Ports that the stack opens beside those: they may be reachable. */
  declared: readonly { port: number; protocol: "tcp" | "udp" }[];
  /** Containers whose secrets are declared to arrive as environment variables, by application. */
  secretsInEnvironment: readonly string[];
  /** Health paths that the edge serves. */
  health: readonly string[];
  /** The certificate is the stack's own, not a public authority's. */
  ownCertificate: boolean;
  /** Registry of our own images, which has no TLS and is asked by digest. */
  registry?: string;
  /** Bytes of swap that are declared. */
  swap?: number;
  /** What only a stack declares; of a server that is known by its address alone nobody knows it. */
  stack?: Declared;
}

/** Parts of a stack that must be there, beside what every server needs. */
export interface Declared {
  /** How many containers there are, by name, or by what a release's names begin with. */
  containers: Record<string, number>;
  /** Applications that the edge leads to: Nginx has an upstream for each. */
  upstreams: readonly string[];
  /** Timer that renews the certificate. */
  renewal: string;
  /** Limit of requests of one address, where there is one: how many a second, and how many above that at once. */
  limit?: { perSecond: number; burst: number };
  /** Full names below the domain with something of their own. */
  subdomains: readonly string[];
  /** Declared proxies before the edge: networks, and lists that this project keeps, with the age of each in days. */
  proxies: readonly { name: string; days?: number }[];
}
