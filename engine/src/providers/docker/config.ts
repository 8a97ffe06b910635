import { UNKNOWN, UnsupportedError } from "../contract.ts";
import type { CheckFailure, Props } from "../contract.ts";
import { loginsOf } from "./logins.ts";
import type { Login } from "./logins.ts";
import { parseSshOptions } from "../ssh/options.ts";
import type { SshTarget } from "../ssh/options.ts";

/** Where one docker provider works. */
export interface DockerSettings {
  host: string;
  /** Path of a Unix socket; exclusive with `ssh`. */
  socketPath?: string;
  ssh?: SshTarget;
  /** For images that not everybody may pull. */
  logins: Login[];
}

const DEFAULT_HOST = "unix:///var/run/docker.sock";
const known = new Set([
  "host",
  "sshOpts",
  "registryAuth",
  "disableDockerDaemonCheck",
  "version",
  "__internal",
]);

/** `sshOpts` as the SDK sends it: a list as JSON text. */
function sshOptionsOf(config: Props): string[] {
  const given = config["sshOpts"];
  if (given === undefined || given === null) return process.env["DOCKER_SSH_OPTS"]?.split(/\s+/) ?? [];
  try {
    return (JSON.parse(String(given)) as unknown[]).map(String);
  } catch {
    throw new Error(`docker provider: sshOpts: expected a list, got ${JSON.stringify(given)}`);
  }
}

/**
 * Reads a provider's inputs; relative paths start at `root`.
 * @throws UnsupportedError for hosts and options that this engine doesn't support
 */
export function settingsOf(config: Props, root: string): DockerSettings {
  for (const [name, value] of Object.entries(config))
    if (!known.has(name) && value !== null)
      throw new UnsupportedError(`property "${name}" of the docker provider`);
  const host = String(config["host"] ?? process.env["DOCKER_HOST"] ?? DEFAULT_HOST);
  const logins = loginsOf(config["registryAuth"]);
  if (host.startsWith("unix://")) return { host, socketPath: host.slice("unix://".length), logins };
  if (host.startsWith("ssh://"))
    return { host, ssh: parseSshOptions(host, sshOptionsOf(config), root), logins };
  throw new UnsupportedError(`docker host "${host}" (unix:// and ssh:// work)`);
}

/** The inputs stay as given, like officially; what isn't supported is refused before anything changes. */
export function checkConfig(config: Props): { inputs: Props; failures: CheckFailure[] } {
  if (!Object.values(config).includes(UNKNOWN)) settingsOf(config, ".");
  return { inputs: config, failures: [] };
}
