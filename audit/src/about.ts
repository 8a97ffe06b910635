/** A port of the server. */
export interface Port {
  port: number;
  protocol: "tcp" | "udp";
}

/** Where a container differs from a guide on purpose. */
export interface Exception {
  /** Id of the check. */
  check: string;
  /** Full name of the container; absent for every one. */
  container?: string;
  /** What may be found, each as the check names it; anything else is still wrong. Absent for all that it can find. */
  allowed?: readonly string[];
  /** The reason, for the report. */
  why: string;
}

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
  /** Ports that the stack opens in addition: they may be reachable. */
  declared: readonly Port[];
  /** Containers whose secrets are declared to arrive as environment variables, by application. */
  secretsInEnvironment: readonly string[];
  /** Health paths that the edge serves. */
  health: readonly string[];
  /** Statuses that mean health, `200-299,401`, of the paths of which some are declared. */
  statuses?: Readonly<Record<string, string>>;
  /** The certificate is the stack's own, not a public authority's. */
  ownCertificate: boolean;
  /** Where containers differ from the guides on purpose. */
  exceptions: readonly Exception[];
  /** Registry of our own images, which has no TLS and is asked by digest. */
  registry?: string;
  /** Bytes of swap that are declared. */
  swap?: number;
  /** What only a stack declares; absent for a server that is known by its address alone. */
  stack?: Declared;
}

/** A limit of requests of one address. */
export interface RequestLimit {
  /** Requests per second. */
  perSecond: number;
  /** How many more are answered at once. */
  burst: number;
}

/** Parts and figures of a stack, in addition to what every server needs. */
export interface Declared {
  /** How many containers there are, by name, or by what a release's names begin with. */
  containers: Record<string, number>;
  /** Applications that the edge serves: Nginx has an upstream for each. */
  upstreams: readonly string[];
  /** Timer that renews the certificate. */
  renewal: string;
  /** Limit of requests of one address to the site; absent where it is off. */
  limit?: RequestLimit;
  /** Largest request body of the page's route, bytes. */
  maxBody: number;
  /** Full names below the domain with something of their own. */
  subdomains: readonly string[];
  /** Declared proxies before the edge: networks, and lists that this project keeps, with the age of each in days. */
  proxies: readonly { name: string; days?: number }[];
}

/** Whether a port may be open. */
export const mayBeOpen = ({ ports, declared }: About, port: number, protocol: Port["protocol"]): boolean =>
  (protocol === "tcp" && ports.includes(port)) ||
  declared.some((one) => one.port === port && one.protocol === protocol);
