import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { UnsupportedError } from "../contract.ts";

/** Where and how to connect, from an `ssh://` address and options in the words of OpenSSH's client. */
export interface SshTarget {
  host: string;
  port: number;
  user: string;
  /** Path of a Unix socket of the Docker engine on the server; undefined: its default. */
  socketPath?: string;
  identityFiles: string[];
  /** Whether the agent may be asked for keys. */
  agent: boolean;
  knownHostsFiles: string[];
  /** `yes`: only known keys; `accept-new`: unknown hosts too; `no`: any key. */
  strict: "yes" | "accept-new" | "no";
  connectTimeoutSeconds: number;
  keepaliveSeconds: number;
  keepaliveCount: number;
}

/** Options without effect here: all requests share one connection anyway, and there is no prompt. */
const ignoredOptions = new Set(
  "batchmode compression controlmaster controlpath controlpersist loglevel passwordauthentication tcpkeepalive".split(
    " ",
  ),
);

const words = (value: string): string[] => value.split(/\s+/).filter((word) => word !== "");

function apply(target: SshTarget, name: string, value: string, at: (path: string) => string): void {
  const key = name.toLowerCase();
  if (ignoredOptions.has(key)) return;
  if (key === "identityfile") target.identityFiles.push(at(value));
  else if (key === "identitiesonly") target.agent = value !== "yes";
  else if (key === "identityagent" && value === "none") target.agent = false;
  else if (key === "userknownhostsfile") target.knownHostsFiles = words(value).map(at);
  else if (key === "stricthostkeychecking")
    target.strict = value === "no" || value === "off" ? "no" : value === "accept-new" ? value : "yes";
  else if (key === "connecttimeout") target.connectTimeoutSeconds = Number(value);
  else if (key === "serveraliveinterval") target.keepaliveSeconds = Number(value);
  else if (key === "serveralivecountmax") target.keepaliveCount = Number(value);
  else if (key === "port") target.port = Number(value);
  else if (key === "user") target.user = value;
  else throw new UnsupportedError(`ssh option "${name}" in sshOpts of the docker provider`);
}

/**
 * Reads `ssh://user@host:port` and `sshOpts` (`-i file`, `-p port`, `-l user`, `-o Name=value`). The files of
 * `~/.ssh/config` are not read.
 * @param root where relative paths start
 */
export function parseSshOptions(address: string, options: string[], root: string): SshTarget {
  const home = (path: string): string =>
    path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(root, path);
  const url = new URL(address);
  const target: SshTarget = {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port || 22),
    user: decodeURIComponent(url.username) || process.env["USER"] || "root",
    identityFiles: [],
    agent: true,
    knownHostsFiles: [home("~/.ssh/known_hosts"), "/etc/ssh/ssh_known_hosts"],
    strict: "yes",
    connectTimeoutSeconds: 30,
    keepaliveSeconds: 15,
    keepaliveCount: 3,
  };
  if (url.pathname.length > 1) {
    if (!/^[\w./-]+$/.test(url.pathname))
      throw new UnsupportedError(`path "${url.pathname}" in the docker host (letters, digits, . _ - /)`);
    target.socketPath = url.pathname;
  }
  const letters: Record<string, string> = { "-i": "IdentityFile", "-p": "Port", "-l": "User" };
  for (let i = 0; i < options.length; i++) {
    const [flag, attached] = [options[i]!.slice(0, 2), options[i]!.slice(2)];
    const value = attached !== "" ? attached : (options[++i] ?? "");
    const pair = flag === "-o" ? /^\s*(\w+)\s*[=\s]\s*(.*?)\s*$/.exec(value) : [value, letters[flag], value];
    if (!pair?.[1] || pair[2] === undefined)
      throw new UnsupportedError(`ssh option "${options[i]}" in sshOpts of the docker provider`);
    apply(target, pair[1], pair[2].replace(/^"(.*)"$/, "$1"), home);
  }
  if (target.identityFiles.length === 0)
    target.identityFiles = ["id_ed25519", "id_ecdsa", "id_rsa"].map((name) => home(`~/.ssh/${name}`));
  return target;
}
