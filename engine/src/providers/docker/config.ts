import { UnsupportedError } from "../contract.ts";
import type { CheckFailure, Props, Value } from "../contract.ts";
import { parseSshOptions } from "../ssh/options.ts";
import type { SshTarget } from "../ssh/options.ts";
import { UNKNOWN } from "../contract.ts";

/** A registry login. */
export interface RegistryLogin {
  serveraddress: string;
  username: string;
  password: string;
}

/** Where one docker provider works. */
export interface DockerSettings {
  host: string;
  /** Path of a Unix socket; exclusive with `ssh`. */
  socketPath?: string;
  ssh?: SshTarget;
  logins: RegistryLogin[];
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

function parsed(name: string, value: Value | undefined): unknown {
  if (typeof value !== "string") return value ?? [];
  try {
    return JSON.parse(value);
  } catch {
    throw new Error(`docker provider: ${name}: expected a list, got ${JSON.stringify(value)}`);
  }
}

function logins(value: Value | undefined): RegistryLogin[] {
  const list = parsed("registryAuth", value);
  return (Array.isArray(list) ? list : []).map((entry: Record<string, unknown>) => {
    for (const key of Object.keys(entry))
      if (!["address", "username", "password"].includes(key))
        throw new UnsupportedError(`property "registryAuth.${key}" of the docker provider`);
    const text = (key: string): string => String(entry[key] ?? "");
    return { serveraddress: text("address"), username: text("username"), password: text("password") };
  });
}

/** Reads a provider's inputs; relative paths start at `root`. @throws UnsupportedError for hosts and options left to the official CLI */
export function settingsOf(config: Props, root: string): DockerSettings {
  for (const [name, value] of Object.entries(config))
    if (!known.has(name) && value !== null)
      throw new UnsupportedError(`property "${name}" of the docker provider`);
  const host = String(config["host"] ?? process.env["DOCKER_HOST"] ?? DEFAULT_HOST);
  const options = parsed("sshOpts", config["sshOpts"] ?? process.env["DOCKER_SSH_OPTS"]?.split(/\s+/));
  const settings: DockerSettings = { host, logins: logins(config["registryAuth"]) };
  if (host.startsWith("unix://")) return { ...settings, socketPath: host.slice("unix://".length) };
  if (host.startsWith("ssh://"))
    return {
      ...settings,
      ssh: parseSshOptions(host, Array.isArray(options) ? options.map(String) : [], root),
    };
  throw new UnsupportedError(`docker host "${host}" (unix:// and ssh:// work)`);
}

/** The inputs stay as given, like officially; what isn't supported is refused before anything changes. */
export function checkConfig(config: Props): { inputs: Props; failures: CheckFailure[] } {
  if (!Object.values(config).includes(UNKNOWN)) settingsOf(config, ".");
  return { inputs: config, failures: [] };
}
